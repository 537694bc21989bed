"""What runs in a fork server's jail, by the apps' own Python: it may import nothing of ours but its siblings.

`serve` waits; `enter` makes a child's jail; `become` turns it into the app.
"""
