CREATE TABLE IF NOT EXISTS users (id int PRIMARY KEY, name text NOT NULL);
INSERT INTO users SELECT n, 'Åsa ' || n FROM generate_series(1, 500) AS n WHERE NOT EXISTS (SELECT FROM users);
