/** Tests of campaigns, from the text of scripts to bugs that they must find. */
@NullMarked
package dev.kmemu.campaign.sched;

import org.jspecify.annotations.NullMarked;
