using AiDc.Trainer.Data;
using SkiaSharp;

namespace AiDc.Trainer.Tests.Data;

public sealed class FolderReaderTests : FolderTests
{
    [Test]
    public void Class_folders_at_the_top_are_the_training_split()
    {
        Folder.Write("dog/b.png", Pictures.Png(4, 3, SKColors.Red));
        Folder.Write("dog/a.JPEG", Pictures.Jpeg(4, 3, SKColors.White));
        Folder.Write("cat/deeper/c.PNG", Pictures.Png(4, 3, SKColors.Blue));
        Folder.Write("cat/notes.txt", [1]);
        Folder.Write("lost+found/x", [1]);
        Folder.Write(".hidden/c.png", [1]);

        var data = Read();

        Assert.Multiple(() =>
        {
            Assert.That(data.Test, Is.Null);
            Assert.That(data.Train.Classes, Is.EqualTo(new[] { "cat", "dog" }));
            Assert.That(data.Train.Labels, Is.EqualTo(new long[] { 0, 1, 1 }));
            Assert.That((data.Train.Channels, data.Train.Height, data.Train.Width), Is.EqualTo((3, 3, 4)));
            Assert.That(Colour(data.Train, 0), Is.EqualTo((0, 0, 255)));
            Assert.That(Colour(data.Train, 1), Is.EqualTo((255, 255, 255)));
            Assert.That(Colour(data.Train, 2), Is.EqualTo((255, 0, 0)));
            Assert.That(data.Notes, Is.Empty);
        });
    }

    [Test]
    public void Train_and_test_folders_are_the_splits_in_any_case_and_inside_of_a_wrapper()
    {
        foreach (var split in new[] { "Train", "TEST" })
            foreach (var name in new[] { "cat", "dog" })
                Folder.Write($"set/{split}/{name}/1.png", Pictures.Png(2, 2, SKColors.Lime));
        Folder.Write("set/Train/dog/2.png", Pictures.Png(2, 2, SKColors.Lime));
        Folder.Write("set/val/dog/2.png", Pictures.Png(2, 2, SKColors.Lime));

        var data = Read();

        Assert.Multiple(() =>
        {
            Assert.That((data.Train.Count, data.Test!.Count), Is.EqualTo((3, 2)));
            Assert.That(data.Notes, Has.Exactly(1).Contains("val"));
        });
    }

    [Test]
    public void Pixels_are_planes_of_red_green_and_blue()
    {
        Folder.Write("a/1.png", Pictures.Png(3, 2, (x, y) => new((byte)(10 * x + y), (byte)(100 + 10 * x + y), (byte)(200 + 10 * x + y))));
        Folder.Write("b/1.png", Pictures.Png(3, 2, SKColors.Black));
        Assert.That(Read().Train.Image(0).ToArray(),
            Is.EqualTo(new byte[] { 0, 10, 20, 1, 11, 21, 100, 110, 120, 101, 111, 121, 200, 210, 220, 201, 211, 221 }));
    }

    [Test]
    public void Images_all_stored_as_grey_have_one_channel_and_one_in_colour_makes_three()
    {
        Folder.Write("a/1.jpg", Pictures.GreyJpeg(4, 4, 100));
        Folder.Write("b/1.png", Pictures.GreyPng(4, 4, 200));
        var grey = Read().Train;
        Assert.That((grey.Channels, grey.Pixels[0], grey.Pixels[16]), Is.EqualTo((1, 100, 200)));

        Folder.Write("b/2.png", Pictures.Png(4, 4, SKColors.Red));
        Assert.Multiple(() =>
        {
            Assert.That(Read().Train.Channels, Is.EqualTo(3));
            Assert.That(Colour(Read().Train, 0), Is.EqualTo((100, 100, 100)));
            Assert.That(Read(new() { Channels = 1 }).Train.Pixels[32], Is.EqualTo(76), "0.299 x 255");
        });
    }

    [Test]
    public void Images_of_mixed_sizes_are_scaled_without_distortion_and_it_is_said()
    {
        Folder.Write("a/1.png", Pictures.Png(200, 100, SKColors.White));
        Folder.Write("b/1.png", Pictures.Png(10, 20, SKColors.White));

        var data = Read();
        Assert.That((data.Train.Height, data.Train.Width), Is.EqualTo((64, 64)));
        Assert.That(data.Notes, Has.Exactly(1).Contains("2 sizes (20x10 to 100x200) are scaled to 64x64").And.Contains("--image-size"));
        Assert.That(RowsWithInk(data.Train, 0), Is.EqualTo((16, 47)));
        Assert.That(RowsWithInk(data.Train, 1), Is.EqualTo((0, 63)));

        var small = Read(new() { ImageSize = 8 });
        Assert.That((small.Train.Height, small.Train.Width), Is.EqualTo((8, 8)));
        Assert.That(RowsWithInk(small.Train, 0), Is.EqualTo((2, 5)));
    }

    [Test]
    public void Shrinking_averages_all_pixels()
    {
        Folder.Write("a/1.png", Pictures.Png(64, 64, (x, y) => (x + y) % 2 == 0 ? SKColors.White : SKColors.Black));
        Folder.Write("b/1.png", Pictures.Png(64, 64, SKColors.White));
        var data = Read(new() { ImageSize = 8 }).Train;
        Assert.That(data.Image(0).ToArray(), Is.All.InRange(120, 135));
        Assert.That(data.Image(1).ToArray(), Is.All.EqualTo(255));
    }

    [Test]
    public void Transparent_parts_are_white()
    {
        Folder.Write("a/1.png", Pictures.Png(2, 2, (_, _) => new SKColor(0, 0, 0, 0), alpha: true));
        Folder.Write("b/1.png", Pictures.Png(2, 2, (_, _) => new SKColor(255, 0, 0, 128), alpha: true));
        var data = Read().Train;
        Assert.That(Colour(data, 0), Is.EqualTo((255, 255, 255)));
        Assert.That(Colour(data, 1).Green, Is.EqualTo(127).Within(1));
    }

    /// <summary>Where the white left half of a wide picture lies once it is turned.</summary>
    [TestCase(1, 16, 32, "left")]
    [TestCase(2, 16, 32, "right")]
    [TestCase(3, 16, 32, "right")]
    [TestCase(4, 16, 32, "left")]
    [TestCase(5, 32, 16, "top")]
    [TestCase(6, 32, 16, "top")]
    [TestCase(7, 32, 16, "bottom")]
    [TestCase(8, 32, 16, "bottom")]
    public void A_picture_is_turned_as_the_camera_asks(byte orientation, int height, int width, string white)
    {
        using var bitmap = new SKBitmap(32, 16);
        bitmap.Erase(SKColors.Black);
        using (var canvas = new SKCanvas(bitmap))
        using (var paint = new SKPaint { Color = SKColors.White }) canvas.DrawRect(0, 0, 16, 16, paint);
        using var jpeg = bitmap.Encode(SKEncodedImageFormat.Jpeg, 95);
        Folder.Write("a/1.jpg", Pictures.WithOrientation(jpeg.ToArray(), orientation));
        Folder.Write("b/1.jpg", Pictures.Jpeg(width, height, SKColors.Gray));

        var data = Read().Train;

        Assert.That((data.Height, data.Width), Is.EqualTo((height, width)));
        var (row, column) = white switch { "left" => (8, 2), "right" => (8, 29), "top" => (2, 8), _ => (29, 8) };
        Assert.That(data.Image(0)[row * width + column], Is.GreaterThan(250));
        Assert.That(data.Image(0)[(height - 1 - row) * width + width - 1 - column], Is.LessThan(5));
    }

    [Test]
    public void A_damaged_image_is_named()
    {
        Folder.Write("a/1.png", Pictures.Png(4, 4, SKColors.Red));
        Folder.Write("b/1.png", Pictures.Png(4, 4, SKColors.Red));

        Folder.Write("b/2.png", "not an image"u8.ToArray());
        Refuses("b/2.png", "no image that can be read", "undamaged copy");
        Folder.Write("b/2.png", []);
        Refuses("b/2.png", "is empty", "undamaged copy");
        Folder.Write("b/2.png", Pictures.Png(40, 40, (x, y) => new((byte)(x * y), (byte)x, (byte)y))[..150]);
        Refuses("b/2.png", "cut off", "undamaged copy");
    }

    [Test]
    public void The_first_damaged_image_is_the_one_named_however_many_there_are()
    {
        Folder.Write("a/1.png", Pictures.Png(4, 4, SKColors.Red));
        for (var i = 0; i < 100; i++) Folder.Write($"b/{i:d3}.png", i == 37 || i > 60 ? [1] : Pictures.Png(4, 4, SKColors.Red));
        for (var run = 0; run < 5; run++) Refuses("b/037.png", "no image", "undamaged copy");
    }

    [Test]
    public void A_head_that_declares_a_giant_is_refused()
    {
        var png = Pictures.Png(4, 4, SKColors.Red);
        var giant = png.ToArray();
        IdxFiles.Word(60_000).CopyTo(giant.AsSpan(16));
        IdxFiles.Word(60_000).CopyTo(giant.AsSpan(20));
        IdxFiles.Word(Crc32(giant.AsSpan(12, 17))).CopyTo(giant.AsSpan(29));
        Folder.Write("a/1.png", png);
        Folder.Write("b/1.png", giant);
        Refuses("b/1.png", "declares 60000x60000 pixels", "smaller");
    }

    [Test]
    public void An_empty_class_is_refused()
    {
        Folder.Write("a/1.png", Pictures.Png(4, 4, SKColors.Red));
        Folder.Write("b/readme.txt", [1]);
        Refuses("b", "a class folder without an image", "remove the folder");
    }

    [Test]
    public void Fewer_than_two_classes_are_refused()
    {
        Folder.Write("1.png", Pictures.Png(4, 4, SKColors.Red));
        Refuses("", "holds 0 class folders", "one folder a class");
        Folder.Write("a/1.png", Pictures.Png(4, 4, SKColors.Red));
        Refuses("", "holds 1 class folders", "one folder a class");
    }

    [Test]
    public void A_class_that_only_the_test_images_have_is_refused()
    {
        foreach (var path in new[] { "train/a", "train/b", "test/a", "test/c" }) Folder.Write(path + "/1.png", Pictures.Png(4, 4, SKColors.Red));
        Refuses("test/c", "is a class that the training images do not have", "same class folders");
    }

    [Test]
    public void A_test_folder_without_train_is_refused()
    {
        foreach (var path in new[] { "test/a", "test/b" }) Folder.Write(path + "/1.png", Pictures.Png(4, 4, SKColors.Red));
        Refuses("", "holds test but no train", "below train and test");
    }

    [Test]
    public void A_link_in_a_circle_is_refused_and_one_to_elsewhere_is_followed()
    {
        using var elsewhere = new TempFolder();
        elsewhere.Write("1.png", Pictures.Png(4, 4, SKColors.Red));
        Folder.Write("a/1.png", Pictures.Png(4, 4, SKColors.Red));
        Directory.CreateSymbolicLink(Folder["b"], elsewhere.Path);
        Assert.That(Read().Train.Count, Is.EqualTo(2));

        Directory.CreateSymbolicLink(Folder["a/again"], Folder.Path);
        Refuses("a/again", "is a symbolic link to", "Remove the link");
    }

    [Test]
    public void A_link_to_itself_and_one_to_nothing_are_refused()
    {
        Folder.Write("a/1.png", Pictures.Png(4, 4, SKColors.Red));
        Folder.Write("b/1.png", Pictures.Png(4, 4, SKColors.Red));
        File.CreateSymbolicLink(Folder["b/2.png"], Folder["b/2.png"]);
        Refuses("b/2.png", "", "");
        File.Delete(Folder["b/2.png"]);
        File.CreateSymbolicLink(Folder["b/2.png"], Folder["b/3.png"]);
        Refuses("b/2.png", "no such file", "");
    }

    [Test]
    public void Too_many_pixels_are_refused_before_they_are_allocated()
    {
        Folder.Write("a/1.png", Pictures.Png(4, 4, SKColors.Red));
        for (var i = 0; i < 50; i++) Folder.Write($"b/{i}.png", Pictures.Png(4, 4, SKColors.Red));
        var error = Assert.Throws<DataException>(() => Read(new() { ImageSize = 4096 }))!;
        Assert.That(error.Message, Does.Contain("51 images of 4096x4096 need 2448 MiB").And.Contain("--image-size"));
    }

    [TestCase(0)]
    [TestCase(4097)]
    public void A_size_out_of_range_is_refused(int size) =>
        Assert.That(() => Read(new() { ImageSize = size }), Throws.TypeOf<ConfigurationException>().With.Message.Contains("--image-size"));

    [Test]
    public void Damaged_images_give_data_or_a_data_error_and_nothing_else()
    {
        Folder.Write("a/1.png", Pictures.Png(8, 8, SKColors.Red));
        var png = Folder.Write("b/1.png", Pictures.Png(9, 7, (x, y) => new((byte)(x * 30), (byte)(y * 30), 77, (byte)(x * 20)), alpha: true));
        var jpeg = Folder.Write("b/2.jpg", Pictures.WithOrientation(Pictures.Jpeg(9, 7, SKColors.Olive), 6));
        Assert.That(Damage.TryAll(png, flips: 200, seed: 2, () => Read()), Is.GreaterThan(50));
        Assert.That(Damage.TryAll(jpeg, flips: 200, seed: 3, () => Read()), Is.GreaterThan(50));
    }

    [Test]
    public void Progress_reaches_the_total()
    {
        Folder.Write("a/1.png", Pictures.Png(4, 4, SKColors.Red));
        Folder.Write("b/1.png", Pictures.Png(4, 4, SKColors.Red));
        var seen = new System.Collections.Concurrent.ConcurrentQueue<ReadProgress>();
        ImageDataReader.Read(Folder.Path, DataFormat.Folder, new(), new Recorder(seen));
        Assert.That(seen, Is.EqualTo(new ReadProgress[] { new("reading", 2, 2), new("decoding", 2, 2) }));
    }

    [Test]
    public void Reading_can_be_cancelled()
    {
        Folder.Write("a/1.png", Pictures.Png(4, 4, SKColors.Red));
        Folder.Write("b/1.png", Pictures.Png(4, 4, SKColors.Red));
        Assert.That(() => ImageDataReader.Read(Folder.Path, DataFormat.Folder, new(), null, new CancellationToken(canceled: true)),
            Throws.InstanceOf<OperationCanceledException>());
    }

    private ImageData Read(ImageReadOptions? options = null) => ImageDataReader.Read(Folder.Path, DataFormat.Folder, options ?? new());

    private void Refuses(string file, string problem, string fix)
    {
        var error = Assert.Throws<DataException>(() => Read())!;
        Assert.Multiple(() =>
        {
            Assert.That(error.File, Is.EqualTo(file.Length == 0 ? Folder.Path : Folder[file]));
            Assert.That(error.Problem, Does.Contain(problem));
            Assert.That(error.Fix, Does.Contain(fix));
        });
    }

    private static (int Red, int Green, int Blue) Colour(ImageDataset data, int index)
    {
        var image = data.Image(index);
        var plane = data.Height * data.Width;
        return (image[0], image[plane], image[2 * plane]);
    }

    private static (int First, int Last) RowsWithInk(ImageDataset data, int index)
    {
        var image = data.Image(index).ToArray();
        var rows = Enumerable.Range(0, data.Height).Where(y => image.AsSpan(y * data.Width, data.Width).ContainsAnyExcept((byte)0)).ToArray();
        return (rows[0], rows[^1]);
    }

    /// <summary>The checksum of PNG chunks, bit by bit.</summary>
    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
        }
        return ~crc;
    }

    private sealed class Recorder(System.Collections.Concurrent.ConcurrentQueue<ReadProgress> seen) : IProgress<ReadProgress>
    {
        public void Report(ReadProgress value) => seen.Enqueue(value);
    }
}
