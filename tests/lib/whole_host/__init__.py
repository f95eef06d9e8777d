"""A whole collection host apart from this machine: installed for real, in namespaces of its own."""
