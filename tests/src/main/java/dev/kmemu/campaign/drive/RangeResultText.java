package dev.kmemu.campaign.drive;

import dev.kmemu.campaign.Script;
import dev.kmemu.campaign.ScriptException;
import dev.kmemu.campaign.ScriptText;
import dev.kmemu.campaign.Suite;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** The result of a range as text, for another process that does the same campaign. */
public final class RangeResultText {

  private RangeResultText() {}

  /** Writes a result. */
  public static String format(RangeResult result) {
    Properties text = new Properties();
    text.setProperty("first", Long.toString(result.range().first()));
    text.setProperty("count", Integer.toString(result.range().count()));
    text.setProperty("steps", Long.toString(result.steps()));
    text.setProperty("checks", Long.toString(result.checks()));
    text.setProperty("coverage", CoverageText.format(result.coverage()));
    result.kinds().forEach((kind, runs) -> text.setProperty("kind." + kind, Long.toString(runs)));
    List<Finding> findings = result.findings();
    for (int i = 0; i < findings.size(); i++) {
      text.setProperty("finding." + i + ".script", findings.get(i).script().toString());
      FindingText.put(text, "finding." + i + ".", findings.get(i));
    }
    for (int i = 0; i < result.corpus().size(); i++) {
      text.setProperty("corpus." + i, result.corpus().get(i).toString());
    }
    return PropertiesText.format(text);
  }

  /**
   * Reads what {@link #format} wrote.
   *
   * @param suite the suite of the campaign
   * @throws IllegalArgumentException for other text, saying where it differs
   */
  public static RangeResult parse(Suite suite, String text) {
    Properties source = PropertiesText.parse(text);
    Map<String, Long> kinds = new HashMap<>();
    for (String name : source.stringPropertyNames()) {
      if (name.startsWith("kind.")) {
        kinds.put(name.substring("kind.".length()), PropertiesText.number(source, name));
      }
    }
    List<Finding> findings = new ArrayList<>();
    for (int i = 0; source.containsKey("finding." + i + ".script"); i++) {
      String prefix = "finding." + i + ".";
      findings.add(FindingText.get(source, prefix, script(source, prefix + "script")));
    }
    List<Script> corpus = new ArrayList<>();
    for (int i = 0; source.containsKey("corpus." + i); i++) {
      corpus.add(script(source, "corpus." + i));
    }
    return new RangeResult(
        new RunRange(
            PropertiesText.number(source, "first"), (int) PropertiesText.number(source, "count")),
        PropertiesText.number(source, "steps"),
        PropertiesText.number(source, "checks"),
        CoverageText.parse(suite.features(), source.getProperty("coverage", "")),
        kinds,
        findings,
        corpus);
  }

  private static Script script(Properties source, String name) {
    try {
      return ScriptText.parse(source.getProperty(name));
    } catch (ScriptException e) {
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
  }
}
