"""What Spaces keep at /data: a volume of a fixed size each, which outlives every version and every start."""
