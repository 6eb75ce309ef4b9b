// Tables of words and figures, as a page that needs nothing else and as plain text. Pure.
#pragma once

#include <string>
#include <vector>

namespace sluice::io {

struct WordTable {
  std::string heading;
  std::vector<std::string> columns;            // the first names the row
  std::vector<std::vector<std::string>> rows;  // as many cells as columns
};

struct TablesPage {
  std::string title;
  std::vector<std::string> lead;  // sentences above the tables
  std::vector<WordTable> tables;
};

// Words may be any bytes.
std::string tables_page(const TablesPage& page);

// Columns as wide as they must be, the first to the left and the others to the right; UTF-8 counts
// a column a code point. Ends with a newline.
std::string tables_text(const TablesPage& page);

}  // namespace sluice::io
