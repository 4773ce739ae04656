"""Small inputs that the kit makes for its checks: the same every time, and of nobody."""
