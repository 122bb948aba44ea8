import { expect, test } from "vitest";
import { withoutData } from "../../../../../src/agent/engines/mysql/without-data.ts";

test.each([
  [
    "ERROR 1064 (42000) at line 9: You have an error in your SQL syntax; check the manual near ''ann','hunter2' near 'x' at line 1",
    "ERROR 1064 (42000) at line 9: You have an error in your SQL syntax; check the manual",
  ],
  [
    "ERROR 1062 (23000) at line 3: Duplicate entry 'o'neil@example.org' for key 'users.email'",
    "ERROR 1062 (23000) at line 3: Duplicate entry for key 'users.email'",
  ],
  [
    "ERROR 1366 (22007) at line 3: Incorrect integer value: 'ann' for column `a`.`t`.`c` at row 1",
    "ERROR 1366 (22007) at line 3: Incorrect integer value for column `a`.`t`.`c` at row 1",
  ],
  [
    "ERROR 1292 (22007) at line 3: Truncated incorrect INTEGER value: 'ann'",
    "ERROR 1292 (22007) at line 3: Truncated incorrect INTEGER value",
  ],
  [
    "ERROR 1045 (28000): Access denied for user 'app'@'db'",
    "ERROR 1045 (28000): Access denied for user 'app'@'db'",
  ],
])("%s", (message, shown) => {
  expect(withoutData(message)).toBe(shown);
});
