package dev.kmemu.campaign.report.html;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The report as a browser shows it. */
class ReportInBrowserTest {

  private static final int[] WIDTHS = {400, 1600};
  private static final int HEIGHT = 2000;

  /** Shows the report at two widths, uses it, and writes down what it sees. */
  private static final String PROBE =
      """
      <!DOCTYPE html><title>probe</title>
      <iframe id="w400" style="width:400px;height:900px" src="report.html"></iframe>
      <iframe id="w1600" style="width:1600px;height:900px" src="report.html"></iframe>
      <pre id="seen"></pre>
      <script>
        addEventListener('load', () => {
          const lines = [];
          for (const frame of document.querySelectorAll('iframe')) {
            const page = frame.contentDocument;
            const root = page.documentElement;
            const told = (name, value) => lines.push(frame.id + ' ' + name + '=' + value);
            const back = () => frame.contentWindow.getComputedStyle(page.body).backgroundColor;
            told('title', page.title);
            told('over', root.scrollWidth - root.clientWidth);
            told('images', page.images.length);
            told('failures', page.querySelectorAll('article.failure').length);
            told('cells', page.querySelectorAll('svg.heat rect').length);
            told('named', page.querySelectorAll('svg.heat rect > title').length);
            told('areas', page.querySelectorAll('svg.kva .area').length);
            told('tables', page.querySelectorAll('ul.tables li').length);
            told('hidden', page.querySelectorAll('button[hidden], .tools[hidden]').length);
            const before = back();
            page.getElementById('theme').click();
            told('theme', before !== back());
            const picture = page.querySelector('svg.kva');
            const narrow = picture.clientWidth;
            page.querySelector('[data-zoom=in]').click();
            told('zoom', (picture.clientWidth / narrow).toFixed(1));
            const view = page.querySelector('.view');
            view.dispatchEvent(new frame.contentWindow.KeyboardEvent('keydown', { key: '0' }));
            told('all', picture.clientWidth === narrow);
            told('over2', root.scrollWidth - root.clientWidth);
          }
          document.getElementById('seen').textContent = lines.join('\\n');
        });
      </script>
      """;

  private final Path directory;
  private final Chromium chromium;

  ReportInBrowserTest(@TempDir Path directory) {
    this.directory = directory;
    chromium = Chromium.find(directory);
  }

  private Path report() throws IOException {
    return Files.writeString(directory.resolve("report.html"), SampleReport.broken());
  }

  @Test
  void itFitsWorksAndSaysNothingOnTheConsole() throws Exception {
    report();
    Path probe = Files.writeString(directory.resolve("probe.html"), PROBE);
    List<String> console = new ArrayList<>();

    Map<String, String> seen = seen(chromium.dump(probe, console));

    assertThat(console).isEmpty();
    for (int width : WIDTHS) {
      String frame = "w" + width + " ";
      assertThat(seen)
          .as(frame)
          .containsEntry(frame + "title", "Campaign pmap, seed 7 \u2013 kmemu")
          .containsEntry(frame + "over", "0")
          .containsEntry(frame + "over2", "0")
          .containsEntry(frame + "images", "0")
          .containsEntry(frame + "hidden", "0")
          .containsEntry(frame + "theme", "true")
          .containsEntry(frame + "zoom", "1.6")
          .containsEntry(frame + "all", "true");
      assertThat(number(seen, frame + "failures")).isGreaterThanOrEqualTo(2);
      assertThat(number(seen, frame + "cells")).isGreaterThan(4000);
      assertThat(number(seen, frame + "named")).isEqualTo(number(seen, frame + "cells"));
      assertThat(number(seen, frame + "areas")).isGreaterThanOrEqualTo(6);
      assertThat(number(seen, frame + "tables")).isGreaterThanOrEqualTo(8);
    }
  }

  private static Map<String, String> seen(String page) {
    Map<String, String> seen = new HashMap<>();
    Pattern.compile("^(?:<pre id=\"seen\">)?(w\\d+ \\w+)=([^<\\n]*)", Pattern.MULTILINE)
        .matcher(page.substring(page.indexOf("<pre")))
        .results()
        .forEach(line -> seen.put(line.group(1), line.group(2)));
    return seen;
  }

  private static int number(Map<String, String> seen, String name) {
    return Integer.parseInt(seen.getOrDefault(name, "-1"));
  }

  @Test
  void itIsDrawnInLightAndInDarkAsTheSystemAsks() throws Exception {
    Path report = report();
    BufferedImage light = image(chromium.screenshot(report, "light.png", 1600, HEIGHT, false));
    BufferedImage dark = image(chromium.screenshot(report, "dark.png", 1600, HEIGHT, true));

    assertThat(light.getWidth()).isEqualTo(1600);
    assertThat(light.getHeight()).isEqualTo(HEIGHT);
    assertThat(colours(light)).hasSizeGreaterThan(100);
    assertThat(colours(dark)).hasSizeGreaterThan(100);
    assertThat(brightness(light)).isGreaterThan(220);
    assertThat(brightness(dark)).isLessThan(60);
  }

  private static BufferedImage image(Path file) throws IOException {
    return ImageIO.read(file.toFile());
  }

  private static Set<Integer> colours(BufferedImage image) {
    Set<Integer> colours = new HashSet<>();
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        colours.add(image.getRGB(x, y));
      }
    }
    return colours;
  }

  /** Returns the mean of all pixels, 0 to 255. */
  private static double brightness(BufferedImage image) {
    double sum = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        int rgb = image.getRGB(x, y);
        sum += ((rgb >> 16 & 255) + (rgb >> 8 & 255) + (rgb & 255)) / 3.0;
      }
    }
    return sum / image.getWidth() / image.getHeight();
  }
}
