package dev.kmemu.campaign.drive;

import dev.kmemu.campaign.Script;
import dev.kmemu.campaign.coverage.Coverage;
import java.util.List;
import java.util.Map;

/**
 * What came of a range of runs: all that a {@link CampaignState} must know of it.
 *
 * @param range the runs
 * @param steps operations that were done
 * @param checks guest accesses and other comparisons
 * @param coverage what was covered
 * @param kinds how many runs failed in which way
 * @param findings the first failures of their kinds, as far as the worker knew
 * @param corpus scripts that covered something new, as far as the worker knew
 */
public record RangeResult(
    RunRange range,
    long steps,
    long checks,
    Coverage coverage,
    Map<String, Long> kinds,
    List<Finding> findings,
    List<Script> corpus) {}
