"""Read models in SQLite and in MongoDB, behind one port."""
