package dev.kmemu.campaign.drive;

/**
 * The numbers of a campaign.
 *
 * @param runs runs done
 * @param steps operations done
 * @param checks guest accesses and other comparisons
 * @param failures runs that failed
 * @param bugs groups of failures that are taken for one bug each
 * @param features features seen
 * @param corpus scripts kept
 * @param millis time spent
 */
public record CampaignTotals(
    long runs,
    long steps,
    long checks,
    long failures,
    int bugs,
    int features,
    int corpus,
    long millis) {}
