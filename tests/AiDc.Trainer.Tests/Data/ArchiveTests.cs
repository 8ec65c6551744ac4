using System.Formats.Tar;
using AiDc.Trainer.Data;
using SkiaSharp;

namespace AiDc.Trainer.Tests.Data;

public sealed class ArchiveTests : FolderTests
{
    private static readonly byte[] Red = Pictures.Png(4, 4, SKColors.Red);
    private static readonly byte[] Lime = Pictures.Png(4, 4, SKColors.Lime);

    [Test]
    public void An_archive_gives_the_same_data_as_the_folder([Values] bool zipped, [Values] TarEntryFormat format)
    {
        if (format == TarEntryFormat.Unknown) return;
        using var unpacked = new TempFolder();
        var files = new Dictionary<string, byte[]>();
        foreach (var split in new[] { "train", "test" })
            foreach (var name in new[] { "cat", "dog" })
                for (var i = 0; i < 5; i++) files[$"{split}/{name}/{i}.png"] = Pictures.Png(5, 3, new SKColor((byte)(i * 40), 100, (byte)name[0]));
        foreach (var (path, content) in files) unpacked.Write(path, content);
        Folder.Write("set.tar", Zip(Tar(files, format, "set/"), zipped));

        var fromArchive = Read("set.tar");
        var fromFolder = ImageDataReader.Read(unpacked.Path, DataFormat.Folder, new());

        Assert.Multiple(() =>
        {
            Assert.That(fromArchive.Train.Pixels, Is.EqualTo(fromFolder.Train.Pixels));
            Assert.That(fromArchive.Train.Labels, Is.EqualTo(fromFolder.Train.Labels));
            Assert.That(fromArchive.Test!.Pixels, Is.EqualTo(fromFolder.Test!.Pixels));
            Assert.That(fromArchive.Train.Classes, Is.EqualTo(new[] { "cat", "dog" }));
        });
    }

    [TestCase("set.tar")]
    [TestCase("set.tar.gz")]
    [TestCase("SET.TGZ")]
    public void A_folder_that_holds_nothing_but_an_archive_means_the_archive(string name)
    {
        Folder.Write(name, Zip(Tar(new() { ["a/1.png"] = Red, ["b/1.png"] = Lime }), zipped: name != "set.tar"));
        Assert.That(Read("").Train.Count, Is.EqualTo(2));
    }

    [Test]
    public void Two_archives_and_nothing_else_are_refused()
    {
        Folder.Write("1.tar", [1]);
        Folder.Write("2.tar", [1]);
        Assert.That(Refuses("").Message, Does.Contain("2 archives (1.tar, 2.tar)"));
    }

    [Test]
    public void Names_that_climb_out_links_and_hidden_files_are_left_out()
    {
        Folder.Write("set.tar", Tar(new()
        {
            ["a/1.png"] = Red, ["b/1.png"] = Lime, ["../../evil.png"] = Red, ["a/../../../evil.png"] = Red,
            ["a/._1.png"] = [1], ["__MACOSX/a/1.png"] = [1], ["/b/2.png"] = Lime,
        }, extra: writer =>
        {
            writer.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "a/link.png") { LinkName = "/etc/passwd" });
            writer.WriteEntry(new PaxTarEntry(TarEntryType.HardLink, "b/link.png") { LinkName = "b/link.png" });
        }));

        var data = Read("set.tar");

        Assert.Multiple(() =>
        {
            Assert.That(data.Train.Labels, Is.EqualTo(new long[] { 0, 1, 1 }));
            Assert.That(data.Notes, Has.Exactly(1).Contains("2 entries with '..'"));
            Assert.That(Directory.GetFiles(Folder.Path, "*", SearchOption.AllDirectories), Has.Length.EqualTo(1));
        });
    }

    [Test]
    public void Hard_and_symbolic_links_give_what_they_lead_to_wherever_that_stands([Values] bool zipped)
    {
        Folder.Write("set.tar", Zip(Tar(new() { ["a/1.png"] = Red, ["b/1.png"] = Lime, [".pool/kept.png"] = Lime }, extra: writer =>
        {
            Link(writer, TarEntryType.HardLink, "b/hard.png", "a/1.png");
            Link(writer, TarEntryType.SymbolicLink, "a/soft.png", "../b/1.png");
            Link(writer, TarEntryType.SymbolicLink, "a/chain.png", "soft.png");
            Link(writer, TarEntryType.SymbolicLink, "a/pool.png", "../.pool/kept.png");
            Link(writer, TarEntryType.SymbolicLink, "a/early.png", "late.png");
            Write(writer, TarEntryFormat.Pax, "a/late.png", Lime);
        }), zipped));

        var data = Read("set.tar");

        Assert.Multiple(() =>
        {
            Assert.That(data.LeftOut, Is.Zero);
            Assert.That(data.Train.Labels.Count(l => l == 0), Is.EqualTo(6), "1, soft, chain, pool, early, late");
            Assert.That(data.Train.Labels.Count(l => l == 1), Is.EqualTo(2), "1, hard");
            Assert.That(data.Train.Image(data.Train.Count - 1).ToArray()[0], Is.EqualTo(255), "b/hard.png is a/1.png, which is red");
        });
    }

    [Test]
    public void Links_that_lead_nowhere_out_or_in_circles_are_counted_and_said([Values] bool zipped)
    {
        Folder.Write("set.tar", Zip(Tar(new() { ["a/1.png"] = Red, ["b/1.png"] = Lime }, extra: writer =>
        {
            Link(writer, TarEntryType.SymbolicLink, "a/out.png", "../../etc/passwd");
            Link(writer, TarEntryType.SymbolicLink, "a/gone.png", "nothing.png");
            Link(writer, TarEntryType.SymbolicLink, "a/x.png", "y.png");
            Link(writer, TarEntryType.SymbolicLink, "a/y.png", "x.png");
        }), zipped));

        var data = Read("set.tar");

        Assert.That((data.Train.Count, data.LeftOut), Is.EqualTo((2, 4)));
        Assert.That(data.Notes, Has.Exactly(1).Contains("4 links are left out, as the archive does not hold an image where they lead"));
    }

    [Test]
    public void Sparse_entries_and_pictures_of_unknown_kinds_are_counted_and_said()
    {
        Folder.Write("set.tar", Tar(new() { ["a/1.png"] = Red, ["b/1.png"] = Lime, ["b/2.tiff"] = [1], ["list.txt"] = [1] }, extra: writer =>
        {
            using var content = new MemoryStream(Red);
            writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "GNUSparseFile.1/a/2.png", new Dictionary<string, string> { ["GNU.sparse.major"] = "1", ["GNU.sparse.name"] = "a/2.png" }) { DataStream = content });
        }));

        var data = Read("set.tar");

        Assert.That((data.Train.Count, data.LeftOut), Is.EqualTo((2, 2)));
        Assert.That(data.Notes, Has.Exactly(1).Contains("1 sparse file is left out").And.Exactly(1).Contains("(a/2.png)").And.Exactly(1).Contains(".tiff is not read"));
    }

    [Test]
    public void Absolute_names_are_read_below_the_archive_and_it_is_said()
    {
        Folder.Write("set.tar", Tar(new() { ["/a/1.png"] = Red, ["/b/1.png"] = Lime }));
        var data = Read("set.tar");
        Assert.That(data.Train.Count, Is.EqualTo(2));
        Assert.That(data.Notes, Has.Exactly(1).Contains("2 entries have absolute names"));
    }

    [TestCase(new byte[] { 0x50, 0x4B, 3, 4 }, "a zip archive")]
    [TestCase(new byte[] { 0xFD, 0x37, 0x7A, 0x58, 0x5A, 0 }, "compressed by xz")]
    [TestCase(new byte[] { 0x42, 0x5A, 0x68, 0x39 }, "compressed by bzip2")]
    [TestCase(new byte[] { 0x28, 0xB5, 0x2F, 0xFD }, "compressed by zstd")]
    public void An_archive_of_another_kind_is_refused_by_a_sentence_that_names_those_that_are_taken(byte[] magic, string kind)
    {
        Folder.Write("set.tar", [.. magic, .. new byte[1020]]);
        Assert.That(Refuses("set.tar").Message, Does.Contain(kind).And.Contain(".tar, .tar.gz or .tgz"));
    }

    [Test]
    public void A_gzip_of_several_members_is_read_whole()
    {
        var tar = Tar(new() { ["a/1.png"] = Red, ["b/1.png"] = Lime });
        Folder.Write("set.tar.gz", [.. TempFolder.Gzip(tar[..700]), .. TempFolder.Gzip(tar[700..])]);
        Assert.That(Read("set.tar.gz").Train.Count, Is.EqualTo(2));
    }

    [Test]
    public void Of_two_entries_with_one_name_the_last_counts()
    {
        Folder.Write("set.tar", Tar(new() { ["a/1.png"] = Red, ["b/1.png"] = Red },
            extra: writer => Write(writer, TarEntryFormat.Pax, "b/1.png", Lime)));
        Assert.That(Read("set.tar").Train.Image(1)[0], Is.Zero);
    }

    [Test]
    public void An_empty_class_folder_is_refused()
    {
        Folder.Write("set.tar", Tar(new() { ["a/1.png"] = Red, ["b/1.png"] = Red },
            extra: writer => writer.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "c/"))));
        Assert.That(Refuses("set.tar").File, Is.EqualTo(Folder["set.tar"] + "!c"));
    }

    [Test]
    public void A_damaged_image_is_named_with_its_archive([Values] bool zipped)
    {
        Folder.Write("set.tar", Zip(Tar(new() { ["a/1.png"] = Red, ["b/1.png"] = Red[..40] }), zipped));
        Assert.That(Refuses("set.tar").File, Is.EqualTo(Folder["set.tar"] + "!b/1.png"));
    }

    [Test]
    public void An_archive_cut_off_between_two_entries_is_refused([Values] bool zipped)
    {
        var tar = Tar(new() { ["a/1.png"] = Red, ["b/1.png"] = Red, ["b/2.png"] = Red }, TarEntryFormat.Ustar);
        var entry = 512 + (Red.Length + 511) / 512 * 512;
        Folder.Write("set.tar", zipped ? TempFolder.Gzip(tar)[..^30] : tar[..(2 * entry)]);
        Assert.That(Refuses("set.tar").Message, Does.Contain("cut off").And.Contain("undamaged copy"));
    }

    [Test]
    public void A_file_that_is_no_archive_is_refused()
    {
        Folder.Write("set.tar", [.. Enumerable.Range(0, 2048).Select(i => (byte)i)]);
        Assert.That(Refuses("set.tar").Message, Does.Contain("no tar archive"));
    }

    [Test]
    public void An_entry_that_declares_more_than_the_archive_holds_allocates_nothing([Values] bool zipped)
    {
        var tar = Tar(new() { ["a/1.png"] = Red, ["b/1.png"] = Red }, TarEntryFormat.Ustar);
        "00777777777"u8.CopyTo(tar.AsSpan(124)); // the size of the first entry, octal: 128 MiB
        uint sum = 8 * ' ';
        for (var i = 0; i < 512; i++) sum += i is >= 148 and < 156 ? 0u : tar[i];
        System.Text.Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(tar.AsSpan(148));
        Folder.Write("set.tar", Zip(tar, zipped));
        var before = GC.GetTotalAllocatedBytes();
        Refuses("set.tar");
        Assert.That(GC.GetTotalAllocatedBytes() - before, Is.LessThan(16 << 20));
    }

    [Test]
    public void A_damaged_archive_gives_data_or_a_data_error_and_nothing_else([Values] bool zipped)
    {
        var tar = Tar(new() { ["a/1.png"] = Red, ["b/1.png"] = Lime }, TarEntryFormat.Gnu);
        var path = Folder.Write("set.tar", Zip(tar, zipped));
        Assert.That(Damage.TryAll(path, flips: 200, seed: 4, () => Read("set.tar")), Is.GreaterThan(100));
        // Flips in the headers alone, which are few among the bytes.
        var heads = Folder.Write("heads.tar", tar[..512]);
        Damage.TryAll(heads, flips: 200, seed: 5, () =>
        {
            File.WriteAllBytes(path, Zip([.. File.ReadAllBytes(heads), .. tar[512..]], zipped));
            Read("set.tar");
        });
    }

    private ImageData Read(string name) => ImageDataReader.Read(Folder[name], DataFormat.Folder, new());

    private DataException Refuses(string name) => Assert.Throws<DataException>(() => Read(name))!;

    private static byte[] Zip(byte[] content, bool zipped) => zipped ? TempFolder.Gzip(content) : content;

    private static byte[] Tar(
        Dictionary<string, byte[]> files, TarEntryFormat format = TarEntryFormat.Pax, string prefix = "", Action<TarWriter>? extra = null)
    {
        using var target = new MemoryStream();
        using (var writer = new TarWriter(target, format, leaveOpen: true))
        {
            foreach (var (path, content) in files) Write(writer, format, prefix + path, content);
            extra?.Invoke(writer);
        }
        return target.ToArray();
    }

    private static void Link(TarWriter writer, TarEntryType kind, string path, string target) =>
        writer.WriteEntry(new PaxTarEntry(kind, path) { LinkName = target });

    private static void Write(TarWriter writer, TarEntryFormat format, string path, byte[] content)
    {
        TarEntry entry = format switch
        {
            TarEntryFormat.V7 => new V7TarEntry(TarEntryType.V7RegularFile, path),
            TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, path),
            TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, path),
            _ => new PaxTarEntry(TarEntryType.RegularFile, path),
        };
        using var data = new MemoryStream(content);
        entry.DataStream = data;
        writer.WriteEntry(entry);
    }
}
