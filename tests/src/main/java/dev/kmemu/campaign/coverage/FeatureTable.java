package dev.kmemu.campaign.coverage;

import java.util.function.IntFunction;

/**
 * One kind of features, numbered.
 *
 * @param name such as {@code pte}
 * @param size how many there are
 * @param label says what the feature with a number is, in words joined by {@code /}
 */
public record FeatureTable(String name, int size, IntFunction<String> label) {}
