"""What costs a test next to nothing: made once for a process, or at a lower price where the price proves nothing."""
