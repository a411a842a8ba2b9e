-- The payments that count, each once. A day that has a manifest is in the file that its last manifest names, and nowhere
-- else; any other day is what the stream has told. The tables are the folders days/ and manifests/ of payments/ in the
-- output bucket and live/ in the live bucket, partitioned by day.
SELECT payment_id, paid_at, shop, amount_cents, told_by, day
FROM days
WHERE "$path" IN (SELECT max_by(file, number) FROM manifests GROUP BY day)
UNION ALL
SELECT payment_id, paid_at, shop, amount_cents, 'stream' AS told_by, day
FROM live
WHERE day NOT IN (SELECT day FROM manifests)
