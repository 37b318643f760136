"""Everything a service needs that is not its business."""
