package dev.kmemu.campaign.report.html;

import dev.kmemu.campaign.report.kva.AddressPicture;
import dev.kmemu.campaign.report.kva.KvaArea;
import dev.kmemu.campaign.report.kva.KvaAxis;
import dev.kmemu.campaign.report.kva.KvaLane;
import java.util.Locale;

/**
 * Draws KVA as lanes over one axis. Places are percentages of the drawing's width, so that wider is
 * nearer, and letters keep their shape.
 */
final class KvaDrawing {

  private static final int LANE = 44;
  private static final int BAR = 26;
  private static final int AXIS = 22;

  /** Names of boundaries nearer than this are for those who zoom. */
  private static final double NEAREST = 0.145;

  private final Html html;
  private final AddressPicture picture;
  private final KvaAxis axis;
  private final String id;

  private KvaDrawing(Html html, AddressPicture picture, String id) {
    this.html = html;
    this.picture = picture;
    this.axis = KvaAxis.of(picture);
    this.id = id;
  }

  static void write(Html html, AddressPicture picture, String id) {
    new KvaDrawing(html, picture, id).write();
  }

  private void write() {
    html.open("figure", "class", "kva");
    tools();
    html.open("div", "class", "lanes");
    html.open("div", "class", "names", "aria-hidden", "true");
    picture.lanes().forEach(lane -> html.leaf("span", lane.name()));
    html.close();
    html.open(
        "div",
        "class",
        "scroll view",
        "tabindex",
        "0",
        "role",
        "region",
        "aria-label",
        "Picture of addresses of " + picture.name());
    html.open(
        "svg",
        "class",
        "kva",
        "height",
        Integer.toString(picture.lanes().size() * LANE + AXIS),
        "role",
        "img",
        "aria-labelledby",
        id + "-name");
    html.open("title", "id", id + "-name");
    html.text("Addresses of " + picture.name() + "; the table below has the same areas").close();
    boundaries();
    for (int i = 0; i < picture.lanes().size(); i++) {
      lane(picture.lanes().get(i), i * LANE);
    }
    html.close().close().close().close();
  }

  private void tools() {
    html.open("div", "class", "tools", "hidden", "hidden");
    tool("in", "Zoom in", "+");
    tool("out", "Zoom out", "\u2212");
    tool("all", "Show all", "All");
    html.leaf("span", "Keys + \u2212 0 and arrows; Ctrl and the wheel zoom.", "class", "note");
    html.close();
  }

  private void tool(String zoom, String name, String sign) {
    html.leaf(
        "button", sign, "type", "button", "class", "quiet", "data-zoom", zoom, "aria-label", name);
  }

  private void boundaries() {
    int height = picture.lanes().size() * LANE;
    double shown = -1;
    for (long address : axis.boundaries()) {
      double at = axis.at(address);
      html.shape(
          "line",
          "class",
          "grid",
          "x1",
          percent(at),
          "x2",
          percent(at),
          "y1",
          "0",
          "y2",
          Integer.toString(height));
      boolean isMajor = at - shown >= NEAREST && at <= 1 - NEAREST;
      shown = isMajor ? at : shown;
      html.leaf(
          "text",
          String.format("%016x", address),
          "class",
          isMajor ? "tick" : "tick minor",
          "x",
          percent(at),
          "y",
          Integer.toString(height + 14));
    }
  }

  private void lane(KvaLane lane, int y) {
    html.shape(
        "rect",
        "class",
        "hole",
        "x",
        "0",
        "y",
        Integer.toString(y + 4),
        "width",
        "100%",
        "height",
        Integer.toString(BAR));
    for (KvaArea area : lane.areas()) {
      double from = axis.at(area.start().value());
      double to = area.last().value() == -1 ? 1 : axis.at(area.last().value() + 1);
      html.open(
          "rect",
          "class",
          "area " + KvaSection.styleClass(area.kind()),
          "x",
          percent(from),
          "y",
          Integer.toString(y + 4),
          "width",
          percent(to - from),
          "height",
          Integer.toString(BAR));
      html.leaf("title", words(lane, area)).close();
    }
  }

  private static String words(KvaLane lane, KvaArea area) {
    return String.format(
        Locale.ROOT,
        "%s: %s to %s, %s%n%s%s%s",
        lane.name(),
        area.start(),
        area.last(),
        Count.bytes(area.bytes()),
        area.kind().words(),
        area.what().equals("-") ? "" : ", " + area.what(),
        area.wiredCount() == 0 ? "" : ", wired_count " + area.wiredCount());
  }

  private static String percent(double part) {
    return String.format(Locale.ROOT, "%.4f%%", part * 100);
  }
}
