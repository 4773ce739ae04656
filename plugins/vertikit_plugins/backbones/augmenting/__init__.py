"""How training alters what it sees, item by item: the same item, epoch and seed are altered alike in any batch."""
