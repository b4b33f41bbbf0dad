-- From version 1: edges know the day of the citing document, and their index is sorted by it.
ALTER TABLE edge ADD COLUMN date TEXT;
UPDATE edge SET date = (SELECT d.date FROM document d WHERE d.id = edge.document);
DROP INDEX edge_target;
CREATE INDEX edge_target ON edge (target, date, document);
