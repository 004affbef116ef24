package dev.kmemu.campaign.report.html;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** What stands around the sections. Its policy lets nothing run or load but what is in the file. */
final class Page {

  private Page() {}

  static void open(Html html, String title) {
    String style = resource("colours.css") + resource("report.css");
    String script = resource("report.js");
    html.open("html", "lang", "en").open("head");
    html.empty("meta", "charset", "utf-8");
    html.empty(
        "meta",
        "http-equiv",
        "Content-Security-Policy",
        "content",
        "default-src 'none'; style-src " + hash(style) + "; script-src " + hash(script));
    html.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
    html.empty("meta", "name", "color-scheme", "content", "light dark");
    html.leaf("title", title + " \u2013 kmemu");
    html.raw("style", style);
    html.close();
    html.open("body");
    html.leaf("a", "Skip to the report", "class", "skip", "href", "#main");
    html.open("header", "class", "top");
    html.leaf("span", "kmemu", "class", "brand");
    html.open("nav", "aria-label", "Sections").open("ul");
    link(html, "#summary", "Summary");
    link(html, "#failures", "Failures");
    link(html, "#coverage", "Coverage");
    link(html, "#kva", "Kernel memory");
    html.close().close();
    html.leaf(
        "button", "Dark", "type", "button", "id", "theme", "class", "quiet", "hidden", "hidden");
    html.close();
    html.open("main", "id", "main");
  }

  static void close(Html html) {
    html.close();
    html.open("footer");
    html.leaf("p", "Written by kmemu campaign. results.json and junit.xml hold the same figures.");
    html.close();
    html.raw("script", resource("report.js"));
    html.close().close();
  }

  /** Opens a section with its heading. */
  static void section(Html html, String id, String title) {
    html.open("section", "id", id, "aria-labelledby", id + "-title");
    html.leaf("h2", title, "id", id + "-title");
  }

  private static void link(Html html, String target, String text) {
    html.open("li").leaf("a", text, "href", target).close();
  }

  static String resource(String name) {
    try (InputStream in = Page.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " isn't in the archive (build it again)");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String hash(String content) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8));
      return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
