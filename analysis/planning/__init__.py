"""What a plan can show before it is paid for: expected margins, advice, a better split."""
