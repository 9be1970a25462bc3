"""Tables: reading, preparing, clustering and labelling rows."""
