"""Collection hosts, their databases, servers and terminals: how tests make them, act on them and ask them."""
