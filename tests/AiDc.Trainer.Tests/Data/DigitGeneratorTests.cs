using AiDc.Trainer.Data;

namespace AiDc.Trainer.Tests.Data;

public sealed class DigitGeneratorTests : FolderTests
{
    [Test]
    public void The_written_files_read_back_as_what_was_drawn()
    {
        DigitGenerator.Write(Folder.Path, train: 200, test: 50, seed: 1);
        var data = ImageDataReader.Read(Folder.Path, DataFormat.Idx, new());

        Assert.Multiple(() =>
        {
            Assert.That(data.Train.Pixels, Is.EqualTo(DigitGenerator.Generate(200, 1).Pixels));
            Assert.That(data.Test!.Pixels, Is.EqualTo(DigitGenerator.Generate(50, 1, DigitSplit.Test).Pixels));
            Assert.That(data.Train.Labels.GroupBy(l => l).Select(g => g.Count()), Is.All.EqualTo(20));
            Assert.That(Directory.GetFiles(Folder.Path).Select(Path.GetFileName), Is.EquivalentTo(new[]
            {
                "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz",
            }));
        });
    }

    [Test]
    public void The_seed_determines_the_images()
    {
        var first = DigitGenerator.Generate(300, 7);
        Assert.Multiple(() =>
        {
            Assert.That(DigitGenerator.Generate(300, 7).Pixels, Is.EqualTo(first.Pixels));
            Assert.That(DigitGenerator.Generate(300, 8).Pixels, Is.Not.EqualTo(first.Pixels));
            Assert.That(Images(first).Concat(Images(DigitGenerator.Generate(300, 7, DigitSplit.Test))).Distinct().Count(), Is.EqualTo(600));
        });
    }

    [Test]
    public void Every_image_has_ink_within_a_clean_border()
    {
        var data = DigitGenerator.Generate(2000, 3);
        for (var i = 0; i < data.Count; i++)
        {
            var image = data.Image(i).ToArray();
            var share = image.Count(p => p > 127) / 784.0;
            var edge = Enumerable.Range(0, 28).Count(k => image[k] > 0 || image[27 * 28 + k] > 0 || image[k * 28] > 0 || image[k * 28 + 27] > 0);
            Assert.That(share, Is.InRange(0.01, 0.45), $"ink of image {i}");
            Assert.That(edge, Is.LessThan(8), $"pixels at the edge of image {i}");
        }
    }

    [Test]
    public void The_classes_can_be_told_apart_but_not_by_their_averages_alone()
    {
        var train = DigitGenerator.Generate(3000, 1);
        var test = DigitGenerator.Generate(1000, 1, DigitSplit.Test);
        var means = Enumerable.Range(0, 10).Select(k => Mean(train, k)).ToArray();
        var correct = Enumerable.Range(0, test.Count).Count(i =>
            Enumerable.Range(0, 10).MinBy(k => Distance(test.Image(i), means[k])) == test.Labels[i]);
        Assert.That(correct / 1000.0, Is.InRange(0.5, 0.97));
    }

    [Test]
    public void A_folder_that_cannot_be_written_is_a_storage_failure_and_nothing_is_left()
    {
        var blocked = Folder.Write("file", []);
        var error = Assert.Throws<StorageException>(() => DigitGenerator.Write(Path.Combine(blocked, "digits"), 10, 0, 1))!;
        Assert.That(error.Message, Does.Contain("digits").And.Contain("--output"));

        Directory.CreateDirectory(Folder["out/train-labels-idx1-ubyte.gz/inside"]);
        Assert.Throws<StorageException>(() => DigitGenerator.Write(Folder["out"], 10, 0, 1));
        Assert.That(Directory.GetFiles(Folder["out"], ".*"), Is.Empty);
    }

    [Test]
    public void A_plain_file_that_would_hide_the_new_one_is_refused()
    {
        Folder.Write("train-images-idx3-ubyte", []);
        Assert.That(() => DigitGenerator.Write(Folder.Path, 10, 0, 1), Throws.TypeOf<StorageException>().With.Message.Contains("remove it"));
    }

    [TestCase(0, 10, "--train 0")]
    [TestCase(10, -1, "--test -1")]
    [TestCase(2_500_001, 10, "--train 2500001")]
    public void Counts_out_of_range_are_refused(int train, int test, string setting) =>
        Assert.That(() => DigitGenerator.Write(Folder.Path, train, test, 1), Throws.TypeOf<ConfigurationException>().With.Message.Contains(setting));

    private static IEnumerable<string> Images(ImageDataset data) =>
        Enumerable.Range(0, data.Count).Select(i => Convert.ToBase64String(data.Image(i)));

    private static double[] Mean(ImageDataset data, int label)
    {
        var members = Enumerable.Range(0, data.Count).Where(i => data.Labels[i] == label).ToArray();
        var mean = new double[784];
        foreach (var i in members)
            for (var p = 0; p < 784; p++) mean[p] += data.Image(i)[p] / (double)members.Length;
        return mean;
    }

    private static double Distance(ReadOnlySpan<byte> image, double[] mean)
    {
        var sum = 0.0;
        for (var p = 0; p < mean.Length; p++) sum += (image[p] - mean[p]) * (image[p] - mean[p]);
        return sum;
    }
}
