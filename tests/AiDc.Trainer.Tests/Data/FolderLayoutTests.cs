using AiDc.Trainer.Data;
using SkiaSharp;

namespace AiDc.Trainer.Tests.Data;

/// <summary>The layouts of folders that are taken, one test each (docs/trainer.md lists them), and those that are refused.</summary>
public sealed class FolderLayoutTests : FolderTests
{
    [Test]
    public void Class_folders_at_the_top_are_for_training()
    {
        Put("cat/1.png", "dog/1.png");
        Assert.That(Describe(Read()), Is.EqualTo("cat dog: 2, no test"));
    }

    [TestCase("train", "test")]
    [TestCase("training", "testing")]
    [TestCase("train", "val")]
    [TestCase("train", "valid")]
    [TestCase("train", "validation")]
    public void Class_folders_below_train_and_test_are_the_two_splits(string train, string test)
    {
        Put($"{train}/cat/1.png", $"{train}/dog/1.png", $"{test}/cat/1.png");
        Assert.That(Describe(Read()), Is.EqualTo("cat dog: 2, test 1"));
    }

    [Test]
    public void Classes_called_valid_and_invalid_are_classes()
    {
        Put("valid/1.png", "invalid/1.png", "invalid/2.png");
        Assert.That(Describe(Read()), Is.EqualTo("invalid valid: 3, no test"));
    }

    [Test]
    public void Classes_called_train_and_test_are_classes_when_they_hold_pictures_themselves()
    {
        Put("train/1.png", "bus/1.png", "test/1.png");
        Assert.That(Describe(Read()), Is.EqualTo("bus test train: 3, no test"));
    }

    [Test]
    public void A_test_folder_with_loose_pictures_does_not_stop_training_and_its_pictures_are_counted()
    {
        Put("train/cat/1.png", "train/dog/1.png", "test/1.png", "test/2.png");
        var data = Read();
        Assert.Multiple(() =>
        {
            Assert.That(Describe(data), Is.EqualTo("cat dog: 2, no test"));
            Assert.That(data.LeftOut, Is.EqualTo(2));
            Assert.That(data.Notes, Has.Exactly(1).Contains("2 images are left out, as no class folder says what they show (one is test/1.png)"));
            Assert.That(data.Notes, Has.Exactly(1).Contains("there is no test split"));
        });
    }

    [TestCase("test")]
    [TestCase("val")]
    public void A_folder_with_test_images_alone_is_enough_to_evaluate(string name)
    {
        Put($"{name}/cat/1.png", $"{name}/dog/1.png");
        var data = Read(new() { Splits = Splits.ToTest });
        Assert.Multiple(() =>
        {
            Assert.That((data.Train.Count, data.Test!.Count), Is.EqualTo((0, 2)));
            Assert.That(data.Train.Classes, Is.EqualTo(new[] { "cat", "dog" }));
            Assert.That(() => Read(), Throws.TypeOf<DataException>().With.Message.Contains($"holds {name} but no train"), "there is nothing to train on");
        });
    }

    [Test]
    public void Pictures_outside_of_the_class_folders_are_counted()
    {
        Put("loose.png", "a/1.png", "b/1.png");
        var data = Read();
        Assert.That((data.Train.Count, data.LeftOut), Is.EqualTo((2, 1)));
        Assert.That(data.Notes, Has.Exactly(1).EqualTo("1 image is left out, as it lies outside of the class folders (loose.png)."));
    }

    [Test]
    public void Pictures_of_kinds_that_are_not_read_are_counted_by_kind_and_named()
    {
        Put("a/1.png", "b/1.png");
        foreach (var name in new[] { "a/1.tif", "a/2.TIF", "b/3.heic", "b/raw" }) Folder.Write(name, [1, 2, 3]);
        foreach (var name in new[] { "a/notes.txt", "labels.csv", "README", "b/Thumbs.db" }) Folder.Write(name, [1]);

        var data = Read();

        Assert.Multiple(() =>
        {
            Assert.That((data.Train.Count, data.LeftOut), Is.EqualTo((2, 4)));
            Assert.That(data.Notes, Has.Exactly(1).StartsWith("2 files are left out, as the kind .tif is not read").And.Exactly(1).Contains("a/1.tif"));
            Assert.That(data.Notes, Has.Exactly(1).Contains(".heic is not read").And.Exactly(1).Contains("b/raw"));
        });
    }

    [Test]
    public void More_left_out_than_allowed_is_an_error_that_says_what()
    {
        Put("a/1.png", "b/1.png");
        Folder.Write("a/1.tif", [1]);
        Folder.Write("b/2.heic", [1]);
        Assert.That(Read(new() { MostLeftOut = 2 }).LeftOut, Is.EqualTo(2));
        Assert.That(() => Read(new() { MostLeftOut = 1 }),
            Throws.TypeOf<DataException>().With.Message.Contains("2 files are left out, and at most 1 may be").And.Message.Contains(".heic").And.Message.Contains("a/1.tif"));
    }

    [Test]
    public void Idx_and_cifar_files_of_the_test_images_alone_are_enough_to_evaluate()
    {
        DigitWriter.Write(Folder.Path);
        foreach (var file in Directory.GetFiles(Folder.Path, "train-*")) File.Delete(file);
        var digits = ImageDataReader.Read(Folder.Path, DataFormat.Idx, new() { Splits = Splits.ToTest });
        Assert.That((digits.Train.Count, digits.Test!.Count), Is.EqualTo((0, 4)));
        Assert.That(() => ImageDataReader.Read(Folder.Path, DataFormat.Idx, new()), Throws.TypeOf<DataException>());

        Folder.Write("test_batch.bin", new byte[3073 * 3]);
        var pictures = ImageDataReader.Read(Folder.Path, DataFormat.Cifar10, new() { Splits = Splits.ToTest });
        Assert.That((pictures.Train.Count, pictures.Test!.Count), Is.EqualTo((0, 3)));
        Assert.That(() => ImageDataReader.Read(Folder.Path, DataFormat.Cifar10, new()), Throws.TypeOf<DataException>());
    }

    [Test]
    public void A_byte_order_mark_is_no_part_of_a_class_name()
    {
        DigitWriter.Write(Folder.Path);
        Folder.Write("classes.txt", [0xEF, 0xBB, 0xBF, .. System.Text.Encoding.UTF8.GetBytes(string.Join('\n', "nul eins zwei drei vier fünf sechs sieben acht neun".Split(' ')))]);
        Assert.That(ImageDataReader.Read(Folder.Path, DataFormat.Idx, new()).Train.Classes, Is.EqualTo("nul eins zwei drei vier fünf sechs sieben acht neun".Split(' ')));
    }

    [Test]
    public void Class_names_in_another_encoding_are_refused_and_not_garbled()
    {
        DigitWriter.Write(Folder.Path);
        Folder.Write("classes.txt", System.Text.Encoding.Unicode.GetBytes("eins\nzwei\nfünf\n"));
        Assert.That(() => ImageDataReader.Read(Folder.Path, DataFormat.Idx, new()), Throws.TypeOf<DataException>().With.Message.Contains("UTF-8"));
        Folder.Write("classes.txt", System.Text.Encoding.Latin1.GetBytes("f\u00fcnf\nzwei\n"));
        Assert.That(() => ImageDataReader.Read(Folder.Path, DataFormat.Idx, new()), Throws.TypeOf<DataException>().With.Message.Contains("not a text in UTF-8"));
    }

    private void Put(params string[] paths)
    {
        foreach (var path in paths) Folder.Write(path, Pictures.Png(4, 4, SKColors.Red));
    }

    private ImageData Read(ImageReadOptions? options = null) => ImageDataReader.Read(Folder.Path, DataFormat.Folder, options ?? new());

    private static string Describe(ImageData data) =>
        $"{string.Join(' ', data.Train.Classes)}: {data.Train.Count}, {(data.Test is { } test ? $"test {test.Count}" : "no test")}";

    /// <summary>Ten digits to train on and four to test with, in IDX files.</summary>
    private static class DigitWriter
    {
        public static void Write(string folder)
        {
            var (exit, _, error) = Cli.TrainerProcess.Run("make-data", "digits", "--output", folder, "--train", "10", "--test", "4", "--seed", "1");
            Assert.That(exit, Is.Zero, error);
        }
    }
}
