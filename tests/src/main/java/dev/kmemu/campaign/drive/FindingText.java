package dev.kmemu.campaign.drive;

import dev.kmemu.campaign.Failure;
import dev.kmemu.campaign.Script;
import java.util.Properties;

/** A finding as properties whose names begin alike. Its script is kept elsewhere. */
final class FindingText {

  private FindingText() {}

  static void put(Properties target, String prefix, Finding finding) {
    Failure failure = finding.failure();
    target.setProperty(prefix + "kind", finding.kind());
    target.setProperty(prefix + "check", failure.check());
    target.setProperty(prefix + "suspect", failure.suspect());
    target.setProperty(prefix + "expected", failure.expected());
    target.setProperty(prefix + "actual", failure.actual());
    target.setProperty(prefix + "details", String.join("\n", failure.details()));
    target.setProperty(prefix + "run", Long.toString(finding.run()));
    target.setProperty(prefix + "original-steps", Integer.toString(finding.originalSteps()));
    target.setProperty(prefix + "shrink-tries", Integer.toString(finding.shrinkTries()));
    target.setProperty(prefix + "shrink-millis", Long.toString(finding.shrinkMillis()));
  }

  /**
   * Reads what {@link #put} wrote.
   *
   * @throws IllegalArgumentException for a number that is none, naming it
   */
  static Finding get(Properties source, String prefix, Script script) {
    Failure failure =
        new Failure(
            source.getProperty(prefix + "check", ""),
            source.getProperty(prefix + "suspect", ""),
            source.getProperty(prefix + "expected", ""),
            source.getProperty(prefix + "actual", ""),
            source.getProperty(prefix + "details", "").lines().toList());
    return new Finding(
        PropertiesText.number(source, prefix + "run"),
        source.getProperty(prefix + "kind", failure.kind()),
        failure,
        script,
        (int) PropertiesText.number(source, prefix + "original-steps"),
        (int) PropertiesText.number(source, prefix + "shrink-tries"),
        PropertiesText.number(source, prefix + "shrink-millis"));
  }
}
