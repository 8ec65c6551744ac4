using AiDc.Trainer.Data;

namespace AiDc.Trainer.Tests.Data;

public sealed class Cifar10ReaderTests : FolderTests
{
    private string prefix = "";

    [SetUp]
    public void SetUp()
    {
        prefix = "";
        WriteAll();
    }

    [Test]
    public void Records_are_read_in_the_order_of_the_files()
    {
        var data = Read();
        Assert.Multiple(() =>
        {
            Assert.That((data.Train.Count, data.Train.Channels, data.Train.Height, data.Train.Width), Is.EqualTo((10, 3, 32, 32)));
            Assert.That(data.Train.Labels, Is.EqualTo(new long[] { 1, 2, 2, 3, 3, 4, 4, 5, 5, 6 }));
            Assert.That(data.Train.Image(3).ToArray(), Is.EqualTo(Record(3, 21)[1..]));
            Assert.That(data.Test!.Labels, Is.EqualTo(new long[] { 9 }));
            Assert.That(data.Train.Classes[6], Is.EqualTo("frog"));
        });
    }

    [Test]
    public void The_folder_of_the_original_archive_and_gzipped_files_are_found()
    {
        foreach (var file in Directory.GetFiles(Folder.Path)) File.Delete(file);
        prefix = "cifar-10-batches-bin/";
        WriteAll();
        File.Delete(Folder[prefix + "data_batch_2.bin"]);
        Folder.Write(prefix + "data_batch_2.bin.gz", TempFolder.Gzip([.. Record(2, 20), .. Record(3, 21)]));
        Assert.That(Read().Train.Labels, Is.EqualTo(new long[] { 1, 2, 2, 3, 3, 4, 4, 5, 5, 6 }));
    }

    [Test]
    public void Class_names_come_from_the_file_beside_the_data()
    {
        Folder.Write("batches.meta.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n"u8.ToArray());
        Assert.That(Read().Train.Classes, Is.EqualTo("abcdefghij".Select(c => $"{c}")));
        Folder.Write("batches.meta.txt", "a\nb\n"u8.ToArray());
        Refuses("batches.meta.txt", "names 2 classes, expected 10");
        Folder.Write("batches.meta.txt", "a\na\n"u8.ToArray());
        Refuses("batches.meta.txt", "\"a\" appears twice");
    }

    [Test]
    public void A_missing_file_is_named()
    {
        File.Delete(Folder["data_batch_4.bin"]);
        Refuses("data_batch_4.bin", "no such file");
    }

    [Test]
    public void Without_the_test_file_there_is_no_test_split()
    {
        File.Delete(Folder["test_batch.bin"]);
        Assert.That(Read().Test, Is.Null);
    }

    [Test]
    public void A_cut_off_file_is_refused()
    {
        Folder.Write("data_batch_3.bin", Record(1, 2)[..^1]);
        Refuses("data_batch_3.bin", "has 3072 bytes, expected a multiple of 3073");
        Folder.Write("data_batch_3.bin", []);
        Refuses("data_batch_3.bin", "has 0 bytes");
    }

    [Test]
    public void A_label_out_of_range_is_refused_with_its_place()
    {
        Folder.Write("data_batch_3.bin", [.. Record(1, 2), .. Record(10, 2)]);
        Refuses("data_batch_3.bin", "label 10 of record 1 is out of range, expected 0 to 9");
    }

    [Test]
    public void A_damaged_file_gives_data_or_a_data_error_and_nothing_else()
    {
        File.Delete(Folder["test_batch.bin"]);
        var path = Folder.Write("test_batch.bin.gz", TempFolder.Gzip(Record(9, 0)));
        Assert.That(Damage.TryAll(path, flips: 300, seed: 1, () => Read()), Is.GreaterThan(100));
        Assert.That(Damage.TryAll(Folder["data_batch_1.bin"], flips: 50, seed: 1, () => Read()), Is.GreaterThan(100));
    }

    private void WriteAll()
    {
        for (byte n = 1; n <= 5; n++)
            Folder.Write($"{prefix}data_batch_{n}.bin", [.. Record(n, (byte)(10 * n)), .. Record((byte)(n + 1), (byte)(10 * n + 1))]);
        Folder.Write($"{prefix}test_batch.bin", Record(9, 0));
    }

    private ImageData Read() => ImageDataReader.Read(Folder.Path, DataFormat.Cifar10, new());

    private void Refuses(string file, string problem)
    {
        var error = Assert.Throws<DataException>(() => Read())!;
        Assert.That(error.File, Is.EqualTo(Folder[file]));
        Assert.That(error.Problem, Does.Contain(problem));
        Assert.That(error.Fix, Is.Not.Empty);
    }

    private static byte[] Record(byte label, byte seed) => [label, .. Enumerable.Range(0, 3072).Select(i => (byte)(i * 3 + seed))];
}
