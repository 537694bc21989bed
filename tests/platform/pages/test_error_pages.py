"""One error, three ways to read it."""


def test_a_browser_gets_a_page_with_an_id_to_quote(client):
    answer = client.get("/spaces/ada/nothing")
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["x-request-id"] in answer.text


def test_a_program_gets_json(client):
    answer = client.get("/spaces/ada/nothing", headers={"Accept": "application/json"})
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "hint", "request_id"}
    assert (answer.status_code, error["code"]) == (401, "sign_in_needed")


def test_git_gets_plain_text(client):
    answer = client.get("/spaces/ada/nothing", headers={"User-Agent": "git/2.39.5", "Accept": "text/html, */*"})
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text.startswith("There is no Space ada/nothing that everybody may see.\n")


def test_an_address_that_leads_nowhere_gets_the_same_page(client):
    answer = client.get("/no/such/page")
    assert answer.status_code == 404
    assert "There is nothing at this address." in answer.text


def test_a_method_that_an_address_does_not_take_is_named(client):
    answer = client.post("/")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


def test_words_in_an_address_are_text(client):
    assert "<script>" not in client.get("/spaces/ada/<script>").text
