package dev.kmemu.campaign.drive;

/**
 * Failures that are taken for one bug.
 *
 * @param first the first of them
 * @param count how many runs failed so
 * @param script the name of its script in the campaign's directory
 */
public record FailureGroup(Finding first, long count, String script) {

  FailureGroup plus(long more) {
    return new FailureGroup(first, count + more, script);
  }
}
