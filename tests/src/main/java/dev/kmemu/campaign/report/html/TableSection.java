package dev.kmemu.campaign.report.html;

import dev.kmemu.campaign.report.kva.KvaPicture;
import dev.kmemu.campaign.report.kva.TablePage;
import dev.kmemu.emulator.mmu.PageTableLevel;
import java.util.BitSet;
import java.util.List;

/** How full the pages of the page tables are: figures for each level, and the pages themselves. */
final class TableSection {

  private static final int MOST_DRAWN = 96;
  private static final int COLUMNS = 32;
  private static final int DOT = 3;

  private TableSection() {}

  static void write(Html html, KvaPicture picture) {
    List<TablePage> tables = picture.tables();
    html.open("h4").text("Page tables ").open("span", "class", "note");
    html.text(Count.of(tables.size(), "page") + (picture.moreTables() ? ", and more" : ""));
    html.close().close();
    figures(html, tables);
    List<TablePage> used =
        tables.stream().filter(table -> table.used() > 0).limit(MOST_DRAWN).toList();
    html.open("p", "class", "note");
    html.text("Each table that isn\u2019t empty, its 512 entries in rows of 32 from the top left.");
    long more = tables.stream().filter(table -> table.used() > 0).count() - used.size();
    html.text(more == 0 ? "" : " " + Count.of(more) + " more aren\u2019t drawn.").close();
    html.open("ul", "class", "tables");
    used.forEach(table -> draw(html, table));
    html.close();
  }

  private static void figures(Html html, List<TablePage> tables) {
    html.open("div", "class", "scroll", "role", "region", "tabindex", "0");
    html.open("table").leaf("caption", "Page tables by level", "class", "hide");
    html.open("thead").open("tr");
    for (String name : List.of("Level", "Pages", "Empty", "Entries present", "Of all", "Fullest")) {
      html.leaf("th", name, "scope", "col");
    }
    html.close().close().open("tbody");
    for (PageTableLevel level : PageTableLevel.values()) {
      List<TablePage> some = tables.stream().filter(table -> table.level() == level).toList();
      long entries = some.stream().mapToLong(TablePage::used).sum();
      html.open("tr").leaf("th", level.name(), "scope", "row", "class", "code");
      html.leaf("td", Count.of(some.size()));
      html.leaf("td", Count.of(some.stream().filter(table -> table.used() == 0).count()));
      html.leaf("td", Count.of(entries));
      html.leaf("td", Count.percent(entries, (long) some.size() * PageTableLevel.ENTRIES));
      html.leaf("td", Count.of(some.stream().mapToInt(TablePage::used).max().orElse(0)));
      html.close();
    }
    html.close().close().close();
  }

  private static void draw(Html html, TablePage table) {
    html.open("li");
    html.open(
        "svg",
        "class",
        "table",
        "width",
        Integer.toString(COLUMNS * DOT),
        "height",
        Integer.toString(PageTableLevel.ENTRIES / COLUMNS * DOT),
        "aria-hidden",
        "true");
    html.shape("path", "d", path(table.present()));
    html.close();
    html.open("span", "class", "what");
    html.leaf("b", table.space() + " " + table.level().name());
    html.leaf("span", String.format("%016x", table.base().value()), "class", "code");
    html.leaf("span", Count.of(table.used()) + " of 512, at " + table.at(), "class", "note");
    html.close().close();
  }

  private static String path(BitSet present) {
    StringBuilder path = new StringBuilder();
    for (int i = present.nextSetBit(0); i >= 0; ) {
      // A run of entries, up to the end of its row.
      int end = Math.min(present.nextClearBit(i), (i / COLUMNS + 1) * COLUMNS);
      path.append('M').append(i % COLUMNS * DOT).append(' ').append(i / COLUMNS * DOT);
      path.append('h').append((end - i) * DOT).append('v').append(DOT);
      path.append('h').append(-(end - i) * DOT).append('z');
      i = present.nextSetBit(end);
    }
    return path.toString();
  }
}
