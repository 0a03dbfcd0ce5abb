import unittest

from greeter import greet


class Greeting(unittest.TestCase):
    def test_names(self):
        self.assertEqual(greet("Ada"), "Hello, Ada.")

    def test_nobody(self):
        self.assertEqual(greet(""), "Hello.")


if __name__ == "__main__":
    unittest.main()
