CREATE DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
USE shop;
CREATE TABLE customers (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(100) NOT NULL) ENGINE=InnoDB;
CREATE TABLE orders (
  id INT AUTO_INCREMENT PRIMARY KEY,
  customer_id INT NOT NULL,
  price DECIMAL(10,2) NOT NULL,
  gross DECIMAL(10,2) AS (price * 1.19) STORED,
  note TEXT,
  picture BLOB,
  FOREIGN KEY (customer_id) REFERENCES customers (id)
) ENGINE=InnoDB;
CREATE TABLE `odd ``name` (`a``b (c` INT, `VALUES (` VARCHAR(40)) ENGINE=MyISAM;
CREATE TABLE audit (id INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(100)) ENGINE=InnoDB;
CREATE TABLE nothing (id INT) ENGINE=InnoDB;
INSERT INTO customers (name) VALUES ('Zoë'), ('it''s (\\'), ('💾);\n(,''x'''), ('INSERT INTO `customers` VALUES (1)');
INSERT INTO orders (customer_id, price, note, picture) VALUES (1, 10, 'a;\nb', x'00FF0A275C'), (2, 20.5, NULL, NULL);
INSERT INTO `odd ``name` VALUES (1, ')'), (2, '('), (3, NULL);
CREATE VIEW totals AS SELECT c.name, SUM(o.gross) AS total FROM customers c JOIN orders o ON o.customer_id = c.id GROUP BY c.name;
CREATE VIEW best AS SELECT name FROM totals WHERE total > 20;
DELIMITER //
CREATE TRIGGER log_order AFTER INSERT ON orders FOR EACH ROW BEGIN
  INSERT INTO audit (what) VALUES (CONCAT('order ', NEW.id));
END//
CREATE PROCEDURE add_customer(IN n VARCHAR(100)) BEGIN
INSERT INTO `customers` VALUES (NULL, n);
END//
CREATE FUNCTION customer_count() RETURNS INT READS SQL DATA RETURN (SELECT COUNT(*) FROM customers)//
CREATE EVENT grow ON SCHEDULE EVERY 1 DAY STARTS '2001-01-01 00:00:00' DO INSERT INTO audit (what) VALUES ('event')//
DELIMITER ;
CREATE DATABASE void;
CREATE USER app@'%' IDENTIFIED BY 'app-password';
GRANT SELECT, INSERT, UPDATE, DELETE, EXECUTE ON shop.* TO app@'%';
CREATE USER reader@'%' IDENTIFIED BY 'reader-password';
GRANT SELECT (id, name) ON shop.customers TO reader@'%';
