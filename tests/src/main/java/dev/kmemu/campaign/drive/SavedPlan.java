package dev.kmemu.campaign.drive;

import java.util.Properties;

/**
 * The plan of a campaign in a directory, as text: what it names needn't exist any more.
 *
 * @param suite {@code --suite}
 * @param pmap {@code --pmap}
 * @param seed {@code --seed}
 * @param steps {@code --steps}
 * @param ram guest RAM, in bytes
 */
public record SavedPlan(String suite, String pmap, String seed, String steps, String ram) {

  static SavedPlan of(Properties saved) {
    return new SavedPlan(
        saved.getProperty("suite", ""),
        saved.getProperty("pmap", ""),
        saved.getProperty("seed", ""),
        saved.getProperty("steps", ""),
        saved.getProperty("ram", ""));
  }

  static void put(Properties saved, CampaignPlan plan) {
    saved.setProperty("suite", plan.suite().name());
    saved.setProperty("pmap", plan.pmap().className());
    saved.setProperty("seed", Long.toString(plan.seed()));
    saved.setProperty("steps", Integer.toString(plan.steps()));
    saved.setProperty("ram", Long.toString(plan.ramBytes()));
  }
}
