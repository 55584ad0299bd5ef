"""Crews in the field: what their phones report of the incidents that their units were sent to."""
