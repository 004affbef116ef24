package dev.kmemu.campaign.report.html;

import dev.kmemu.campaign.report.kva.AddressPicture;
import dev.kmemu.campaign.report.kva.AreaKind;
import dev.kmemu.campaign.report.kva.KvaArea;
import dev.kmemu.campaign.report.kva.KvaLane;
import dev.kmemu.campaign.report.kva.KvaPicture;
import dev.kmemu.campaign.report.kva.KvaView;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;

/** Kernel virtual memory: the picture, what is in it as a table, and its page tables. */
final class KvaSection {

  private KvaSection() {}

  static void write(Html html, List<KvaView> views) {
    Page.section(html, "kva", "Kernel memory");
    html.leaf(
        "p",
        "Kernel virtual memory behind a script that was run once more. Widths are logarithmic, and"
            + " what is empty is drawn short.",
        "class",
        "lead");
    for (int i = 0; i < views.size(); i++) {
      KvaView view = views.get(i);
      if (view instanceof KvaPicture picture) {
        write(html, picture, "kva-" + i);
      } else if (view instanceof KvaView.Missing missing) {
        html.leaf("p", "There is no picture. " + missing.reason(), "class", "missing");
      }
    }
    html.close();
  }

  private static void write(Html html, KvaPicture picture, String id) {
    html.open("article", "aria-labelledby", id + "-title");
    html.open("h3", "id", id + "-title").text("Kernel memory " + picture.moment()).text(" ");
    html.open("span", "class", "note").text(Count.bytes(picture.kernel().bytes()) + " from ");
    html.leaf("span", picture.kernel().start().toString(), "class", "code").close().close();
    write(html, picture.kernel(), id);
    TableSection.write(html, picture);
    for (int i = 0; i < picture.users().size(); i++) {
      AddressPicture user = picture.users().get(i);
      html.leaf("h4", "User addresses of " + user.name());
      if (user.lanes().isEmpty()) {
        html.leaf("p", "Nothing is mapped.", "class", "note");
      } else {
        write(html, user, id + "-" + i);
      }
    }
    html.close();
  }

  private static void write(Html html, AddressPicture picture, String id) {
    legend(html, picture);
    KvaDrawing.write(html, picture, id);
    values(html, picture);
  }

  private static void legend(Html html, AddressPicture picture) {
    EnumSet<AreaKind> kinds = EnumSet.noneOf(AreaKind.class);
    picture.lanes().forEach(lane -> lane.areas().forEach(area -> kinds.add(area.kind())));
    html.open("ul", "class", "legend", "aria-label", "Colours");
    for (AreaKind kind : kinds) {
      html.open("li").leaf("span", "", "class", "swatch " + styleClass(kind));
      html.text(" " + kind.words()).close();
    }
    html.open("li").leaf("span", "", "class", "swatch hole").text(" nothing").close().close();
  }

  /** Returns what the style sheet calls a kind. */
  static String styleClass(AreaKind kind) {
    return "k-" + kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static void values(Html html, AddressPicture picture) {
    html.open("details").leaf("summary", "The areas as a table");
    html.open("div", "class", "scroll tall", "role", "region", "tabindex", "0");
    html.open("table", "class", "areas");
    html.leaf("caption", "Addresses of " + picture.name(), "class", "hide");
    html.open("thead").open("tr");
    for (String name : new String[] {"First address", "Last address", "Size", "In", "Is", "Of"}) {
      html.leaf("th", name, "scope", "col");
    }
    html.leaf("th", "Wired", "scope", "col").close().close().open("tbody");
    for (KvaLane lane : picture.lanes()) {
      lane.areas().forEach(area -> row(html, lane, area));
    }
    html.close().close().close();
    picture.lanes().stream()
        .filter(lane -> lane.more() > 0)
        .forEach(
            lane ->
                html.leaf(
                    "p",
                    Count.of(lane.more()) + " more of " + lane.name() + " aren\u2019t shown.",
                    "class",
                    "note"));
    html.close();
  }

  private static void row(Html html, KvaLane lane, KvaArea area) {
    html.open("tr").leaf("th", area.start().toString(), "scope", "row");
    html.leaf("td", area.last().toString(), "class", "code");
    html.leaf("td", Count.bytes(area.bytes()), "class", "size");
    html.leaf("td", lane.name()).leaf("td", area.kind().words()).leaf("td", area.what());
    html.leaf("td", area.wiredCount() == 0 ? "" : Count.of(area.wiredCount()), "class", "size");
    html.close();
  }
}
