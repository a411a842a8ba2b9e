"""Spark inside a test's own process, for the tests of scripts."""

import importlib.util
import unittest


@unittest.skipUnless(importlib.util.find_spec("pyspark"), "needs PySpark")
class SparkTestCase(unittest.TestCase):
    """Tests that share a session, on loopback and in UTC; they are left out by a Python that has no PySpark."""

    @classmethod
    def setUpClass(cls) -> None:
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
        builder = builder.config("spark.driver.host", "localhost").config("spark.driver.bindAddress", "127.0.0.1")
        builder = builder.config("spark.sql.session.timeZone", "UTC").config("spark.sql.shuffle.partitions", "1")
        cls.spark = builder.config("spark.ui.showConsoleProgress", "false").getOrCreate()
        cls.spark.sparkContext.setLogLevel("OFF")

    @classmethod
    def tearDownClass(cls) -> None:
        cls.spark.stop()
