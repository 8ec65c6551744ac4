using AiDc.Trainer.Data;

namespace AiDc.Trainer.Tests.Data;

public sealed class IdxReaderTests : FolderTests
{
    [SetUp]
    public void SetUp() => IdxFiles.WriteSmall(Folder);

    [Test]
    public void Plain_and_gzipped_files_give_the_same_images()
    {
        var data = Read();

        Assert.Multiple(() =>
        {
            Assert.That((data.Train.Count, data.Train.Channels, data.Train.Height, data.Train.Width), Is.EqualTo((3, 1, 2, 3)));
            Assert.That(data.Train.Labels, Is.EqualTo(new long[] { 1, 0, 9 }));
            Assert.That(data.Train.Image(1).ToArray(), Is.EqualTo(new byte[] { 42, 49, 56, 63, 70, 77 }));
            Assert.That(data.Train.Classes, Has.Count.EqualTo(10));
            Assert.That(data.Test!.Labels, Is.EqualTo(new long[] { 4, 5 }));
            Assert.That(data.Test!.Pixels, Is.EqualTo(data.Train.Pixels[..12]));
        });
    }

    [Test]
    public void Names_with_a_dot_and_in_capitals_are_found()
    {
        File.Move(Folder["train-images-idx3-ubyte"], Folder["TRAIN-IMAGES.IDX3-UBYTE"]);
        Assert.That(Read().Train.Count, Is.EqualTo(3));
    }

    [Test]
    public void Without_test_files_there_is_no_test_split()
    {
        File.Delete(Folder["t10k-images-idx3-ubyte.gz"]);
        File.Delete(Folder["t10k-labels-idx1-ubyte.gz"]);
        Assert.That(Read().Test, Is.Null);
    }

    [Test]
    public void A_file_of_class_names_sets_the_range_of_the_labels()
    {
        Folder.Write("classes.txt", "cat\r\ndog\n"u8.ToArray());
        Refuses("train-labels-idx1-ubyte", "label 9 at index 2 is out of range, expected 0 to 1", "classes.txt");

        Folder.Write("train-labels-idx1-ubyte", IdxFiles.Labels([1, 0, 1]));
        Folder.Write("t10k-labels-idx1-ubyte.gz", TempFolder.Gzip(IdxFiles.Labels([1, 1])));
        Assert.That(Read().Train.Classes, Is.EqualTo(new[] { "cat", "dog" }));
    }

    [Test]
    public void A_label_out_of_range_is_refused_with_its_place()
    {
        Folder.Write("train-labels-idx1-ubyte", IdxFiles.Labels([1, 10, 9]));
        Refuses("train-labels-idx1-ubyte", "label 10 at index 1 is out of range, expected 0 to 9", "undamaged");
    }

    [Test]
    public void A_wrong_magic_number_is_refused()
    {
        Folder.Write("train-images-idx3-ubyte", IdxFiles.Images(3, 2, 3, magic: 0x801));
        Refuses("train-images-idx3-ubyte", "magic number is 0x00000801, expected 0x00000803", "right file");
    }

    [Test]
    public void A_cut_off_file_is_refused_plain_or_gzipped()
    {
        Folder.Write("train-images-idx3-ubyte", IdxFiles.Images(3, 2, 3)[..^1]);
        Refuses("train-images-idx3-ubyte", "declares 3 images of 2x3, 34 bytes in all, but the file has 33", "undamaged copy");

        Folder.Write("train-images-idx3-ubyte", IdxFiles.Images(3, 2, 3));
        Folder.Write("t10k-images-idx3-ubyte.gz", TempFolder.Gzip(IdxFiles.Images(2, 2, 3)[..^1]));
        Refuses("t10k-images-idx3-ubyte.gz", "cut off: its header declares 2 images of 2x3, 12 bytes, but 11 follow", "undamaged copy");
    }

    [Test]
    public void Bytes_after_the_last_image_are_refused()
    {
        Folder.Write("t10k-images-idx3-ubyte.gz", TempFolder.Gzip([.. IdxFiles.Images(2, 2, 3), 0]));
        Refuses("t10k-images-idx3-ubyte.gz", "has bytes after the 2 images of 2x3", "undamaged copy");
    }

    [Test]
    public void A_header_that_declares_more_than_the_file_can_hold_allocates_nothing()
    {
        var bomb = IdxFiles.Images(2, 2, 3);
        bomb.AsSpan(4, 12).Fill(0xFF);
        Folder.Write("t10k-images-idx3-ubyte.gz", TempFolder.Gzip(bomb));
        var before = GC.GetTotalAllocatedBytes();
        Refuses("t10k-images-idx3-ubyte.gz", "too few for that", "undamaged copy");
        Assert.That(GC.GetTotalAllocatedBytes() - before, Is.LessThan(16 << 20));
    }

    [Test]
    public void Different_numbers_of_images_and_labels_are_refused()
    {
        Folder.Write("train-labels-idx1-ubyte", IdxFiles.Labels([1, 2]));
        Refuses("train-labels-idx1-ubyte", "declares 2 labels, but train-images-idx3-ubyte has 3 images", "same split");
    }

    [Test]
    public void Splits_of_different_image_sizes_are_refused()
    {
        Folder.Write("t10k-images-idx3-ubyte.gz", TempFolder.Gzip(IdxFiles.Images(2, 3, 2)));
        Refuses("", "test images have 3x2 pixels, training images 2x3", "same data set");
    }

    [Test]
    public void Missing_files_are_named()
    {
        File.Delete(Folder["train-labels-idx1-ubyte"]);
        Refuses("", "holds train-images-idx3-ubyte without train-labels-idx1-ubyte", "both files");
        File.Delete(Folder["train-images-idx3-ubyte"]);
        Refuses("", "holds no train-images-idx3-ubyte", "four IDX files");
        var error = Assert.Throws<DataException>(() => ImageDataReader.Read(Folder["absent"], DataFormat.Idx, new()));
        Assert.That(error!.Message, Does.Contain("absent: there is no such file or folder"));
    }

    [Test]
    public void No_images_are_refused()
    {
        Folder.Write("train-images-idx3-ubyte", IdxFiles.Images(0, 2, 3));
        Refuses("train-images-idx3-ubyte", "declares 0 images of 2x3", "undamaged copy");
    }

    [Test]
    public void A_damaged_file_gives_data_or_a_data_error_and_nothing_else()
    {
        foreach (var name in Directory.GetFiles(Folder.Path))
            Assert.That(Damage.TryAll(name, flips: 300, seed: 1, () => Read()), Is.GreaterThan(20), name);
        Assert.That(Read().Train.Count, Is.EqualTo(3));
    }

    private ImageData Read() => ImageDataReader.Read(Folder.Path, DataFormat.Idx, new());

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
}
