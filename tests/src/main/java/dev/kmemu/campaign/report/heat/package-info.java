/** Coverage as heat maps: features laid out by the dimensions that their labels have. */
@NullMarked
package dev.kmemu.campaign.report.heat;

import org.jspecify.annotations.NullMarked;
