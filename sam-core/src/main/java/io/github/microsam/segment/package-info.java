/**
 * Automatic segmentation: everything in an image becomes an object of a label image, without
 * prompts.
 *
 * <p>{@link io.github.microsam.segment.AutomaticSegmentation} is the entry. Behind it are three
 * modes, each in two steps: what the networks say is computed once and is a value (maps of the
 * decoder, or masks of a grid of points), and a function makes objects of that value, as often as
 * one likes, with other thresholds. Whole images and tiles take the same path.
 *
 * <p>Nothing in here reads images or writes results.
 *
 * <h2>Defects of micro-sam</h2>
 *
 * <p>What micro-sam 1.8.10 does otherwise than it says, and what became of it here. Mending changes
 * published numbers in two cases: AIS in tiles and repeated on one state (5), where micro-sam
 * smooths its maps in place and floods block by block; and the merging of slices to volumes (11),
 * where it ignores {@code beta}, once there is one.
 *
 * <table>
 * <caption>Mended</caption>
 * <tr><th></th><th>In micro-sam</th><th>Here</th></tr>
 * <tr><td>1</td><td>Box prompts in tiles have x and y exchanged.</td>
 *     <td>{@link io.github.microsam.segment.TiledPredictor}</td></tr>
 * <tr><td>2</td><td>{@code optimize_memory} calls what does not exist.</td>
 *     <td>One tile at a time is in memory, always: {@link
 *     io.github.microsam.embedding.TileEmbeddings}</td></tr>
 * <tr><td>3</td><td>Objects of several tiles are merged without the list of those to discard.</td>
 *     <td>One tile segments an object: {@link io.github.microsam.segment.TiledPredictor}; of masks
 *     of several tiles one stays: {@link io.github.microsam.label.MaskNms}</td></tr>
 * <tr><td>4</td><td>Boxes are one pixel too narrow and low, and objects painted by them lose a row
 *     and a column.</td>
 *     <td>{@link io.github.microsam.segment.MaskCandidate}, {@link
 *     io.github.microsam.label.LabelRegion}</td></tr>
 * <tr><td>5</td><td>AIS in tiles smooths its maps in place: the second result differs.</td>
 *     <td>{@link io.github.microsam.segment.DistanceWatershed}</td></tr>
 * <tr><td>6</td><td>Boxes of binary masks mix up their axes.</td>
 *     <td>Boxes are intervals: {@link io.github.microsam.label.LabelRegion}</td></tr>
 * <tr><td>7</td><td>APG cuts boxes at the height in x.</td>
 *     <td>{@link io.github.microsam.segment.AutomaticPromptGenerator}</td></tr>
 * <tr><td>8</td><td>APG in tiles ignores the mask threshold.</td>
 *     <td>{@link io.github.microsam.segment.AutomaticPromptGenerator}</td></tr>
 * <tr><td>9</td><td>AMG in tiles fails unless embeddings are given.</td>
 *     <td>{@link io.github.microsam.segment.AutomaticSegmentation}</td></tr>
 * <tr><td>18</td><td>The plugin's smallest size has no effect on AMG.</td>
 *     <td>{@link io.github.microsam.segment.MaskSelectionOptions#minSize()}</td></tr>
 * <tr><td>19</td><td>A second training in one process fails: its configuration was changed.</td>
 *     <td>Configurations are immutable records.</td></tr>
 * <tr><td>22</td><td>States of the slices of a tiled stack take its depth for the height.</td>
 *     <td>A slice is an image: {@link
 *     io.github.microsam.segment.AutomaticSegmentation#segmentSlices}</td></tr>
 * <tr><td>23</td><td>Of fewer than ten images none is left for validation.</td>
 *     <td>{@code ImageLabelDataset} sets one apart at least.</td></tr>
 * <tr><td>25</td><td>Presets of the published models are used in the plugin only.</td>
 *     <td>{@link io.github.microsam.segment.SegmentationDefaults}</td></tr>
 * </table>
 *
 * <table>
 * <caption>Kept, because published numbers and weights depend on it</caption>
 * <tr><td>10</td><td>{@code with_background} removes the largest region, which may be the label 0,
 *     and then nothing: {@link io.github.microsam.label.MaskMergingOptions}</td></tr>
 * <tr><td>–</td><td>The decoder takes the middle half of a branch's channels: {@link
 *     io.github.microsam.model.UnetrDecoder}</td></tr>
 * </table>
 *
 * <p>With volumes and tracking come 11 (see above), 12 (the smallest id of a frame is dropped), 13
 * (centroids and lineages), 14 (merging without edges) and 15 ({@code gap_closing} given twice). Of
 * 16, 17, 21 and 24, of the plugin's annotators, and 20, of a script for benchmarks, there is no
 * counterpart.
 */
package io.github.microsam.segment;
