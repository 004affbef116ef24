package dev.kmemu.campaign.report.html;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Set;

/** Writes HTML, in which all text and all values of attributes are data. */
final class Html {

  private static final Set<String> BLOCKS =
      Set.of(
          "html", "head", "title", "meta", "body", "header", "nav", "main", "section", "article",
          "footer", "h1", "h2", "h3", "h4", "p", "div", "dl", "dt", "dd", "ul", "li", "table",
          "thead", "tbody", "tr", "figure", "details", "summary", "pre", "svg", "g");

  private final StringBuilder text = new StringBuilder("<!DOCTYPE html>\n");
  private final Deque<String> open = new ArrayDeque<>();

  /**
   * Opens an element.
   *
   * @param attributes names and values by turns
   */
  Html open(String tag, String... attributes) {
    begin(tag, attributes);
    text.append('>');
    open.push(tag);
    return this;
  }

  /** Closes the innermost element. */
  Html close() {
    String tag = open.pop();
    text.append("</").append(tag).append('>');
    if (BLOCKS.contains(tag)) {
      text.append('\n');
    }
    return this;
  }

  /** Writes text into the innermost element. */
  Html text(String content) {
    escape(content);
    return this;
  }

  /** Writes formatted text into the innermost element. */
  Html format(String format, Object... values) {
    return text(String.format(Locale.ROOT, format, values));
  }

  /** Writes an element that holds nothing but text. */
  Html leaf(String tag, String content, String... attributes) {
    return open(tag, attributes).text(content).close();
  }

  /** Writes an element without an end tag. */
  Html empty(String tag, String... attributes) {
    begin(tag, attributes);
    text.append(">");
    if (BLOCKS.contains(tag)) {
      text.append('\n');
    }
    return this;
  }

  /** Writes an element of SVG that holds nothing. */
  Html shape(String tag, String... attributes) {
    begin(tag, attributes);
    text.append("/>");
    return this;
  }

  /**
   * Writes an element whose content isn't escaped: a style sheet or a script of our own.
   *
   * @throws IllegalArgumentException when it would end before its end
   */
  Html raw(String tag, String content) {
    if (content.contains("</") || content.contains("<!--")) {
      throw new IllegalArgumentException("the " + tag + " has '</' or '<!--' (write it otherwise)");
    }
    text.append('<').append(tag).append('>').append(content);
    text.append("</").append(tag).append(">\n");
    return this;
  }

  /** Returns all that was written. */
  String finish() {
    if (!open.isEmpty()) {
      throw new IllegalStateException("elements are still open: " + open);
    }
    return text.toString();
  }

  private void begin(String tag, String... attributes) {
    text.append('<').append(tag);
    for (int i = 0; i < attributes.length; i += 2) {
      text.append(' ').append(attributes[i]).append("=\"");
      escape(attributes[i + 1]);
      text.append('"');
    }
  }

  /** HTML knows few control characters and no half of a surrogate pair; neither gets through. */
  private void escape(String content) {
    content.codePoints().forEach(this::escape);
  }

  private void escape(int c) {
    switch (c) {
      case '&' -> text.append("&amp;");
      case '<' -> text.append("&lt;");
      case '>' -> text.append("&gt;");
      case '"' -> text.append("&quot;");
      case '\'' -> text.append("&#39;");
      case '\n', '\t' -> text.append((char) c);
      default -> text.appendCodePoint(isCharacter(c) ? c : 0xFFFD);
    }
  }

  private static boolean isCharacter(int c) {
    return !Character.isISOControl(c) && (c < 0xD800 || c > 0xDFFF) && (c & 0xFFFE) != 0xFFFE;
  }
}
