"""Notices to the public: drafted from an incident, signed by a second person, published."""
