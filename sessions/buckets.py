"""Token buckets: so much at once, so much per second."""

import time


class Bucket:
    """`rate` tokens per second flow in, `size` fit. The clock is monotonic: steps of the wall clock give nothing away."""

    __slots__ = ("at", "left", "rate", "size")

    def __init__(self, rate, size):
        self.rate, self.size, self.left, self.at = rate, size, float(size), time.monotonic()

    def take(self):
        """Whether there was a token."""
        now = time.monotonic()
        self.left = min(self.size, self.left + (now - self.at) * self.rate)
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True

    def wait_ms(self):
        """Milliseconds until the next token."""
        return max(0, round((1 - self.left) / self.rate * 1000))
