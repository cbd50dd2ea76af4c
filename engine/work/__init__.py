"""What is done because of changes, later and by itself: messages, time limits, deliveries, schedules."""
