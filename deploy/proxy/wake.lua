-- Holds a request for an app that is not up until the waker says where it is; then the request goes on as if the app
-- had been up all along, its body unread. Nothing here is on the way to an app that is up.
--
-- Leaves txn.route where there is one now, and txn.held where the waker has answered at all.

local WAKER = os.getenv("MINISPACES_WAKER")
local LONGEST_SECONDS = 3600 -- the waker itself gives up much sooner
local TOLD = { "host", "accept", "sec-fetch-mode" }

local function question(txn)
  local lines = { "GET /.minispaces/wake HTTP/1.1", "Connection: close", "X-Minispaces-Method: " .. txn.f:method() }
  for _, name in ipairs(TOLD) do
    local value = txn.f:req_fhdr(name)
    if value then
      lines[#lines + 1] = name .. ": " .. value
    end
  end
  return table.concat(lines, "\r\n") .. "\r\nX-Forwarded-Host: " .. txn:get_var("txn.host") .. "\r\n\r\n"
end

core.register_action("wake", { "http-req" }, function(txn)
  local socket = core.tcp()
  socket:settimeout(LONGEST_SECONDS)
  if not socket:connect(WAKER) then
    return
  end
  socket:send(question(txn))
  repeat
    local line = socket:receive("*l")
    local route = string.match(line or "", "^x%-minispaces%-route: ([^%s]+)")
    if route then
      txn:set_var("txn.route", route)
    end
    if line then
      txn:set_var("txn.held", true)
    end
  until not line or #line < 2
  socket:close()
end)
