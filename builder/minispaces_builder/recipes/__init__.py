"""How each SDK's repository becomes an app: ordered recipes, each a `detect` and a pure `render`."""
