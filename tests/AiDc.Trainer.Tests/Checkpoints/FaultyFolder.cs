using AiDc.Trainer.Storage;

namespace AiDc.Trainer.Tests.Checkpoints;

/// <summary>A folder whose storage fails when a test says so, as a network file system does.</summary>
internal sealed class FaultyFolder(string root) : IStorageFolder
{
    private readonly LocalFolder _inner = new(root);

    /// <summary>Called before each operation with its name and the file; may throw.</summary>
    public Action<string, string> Before { get; set; } = (_, _) => { };

    /// <summary>Whether a stream of that file breaks while it is read.</summary>
    public Func<string, bool> Breaks { get; set; } = _ => false;

    public List<string> Deleted { get; } = [];

    public string Locate(string name) => _inner.Locate(name);

    public IReadOnlyList<string> Folders()
    {
        Before(nameof(Folders), "");
        return _inner.Folders();
    }

    public bool Exists(string file)
    {
        Before(nameof(Exists), file);
        return _inner.Exists(file);
    }

    public FileSum Write(string file, Action<Stream> write)
    {
        Before(nameof(Write), file);
        return _inner.Write(file, write);
    }

    public FileSum Publish(string file, Action<Stream> write)
    {
        Before(nameof(Publish), file);
        return _inner.Publish(file, write);
    }

    public Stream OpenRead(string file)
    {
        Before(nameof(OpenRead), file);
        var stream = _inner.OpenRead(file);
        return Breaks(file) ? new Broken(stream) : stream;
    }

    public void TryDeleteFolder(string folder, string first)
    {
        Deleted.Add(folder);
        _inner.TryDeleteFolder(folder, first);
    }

    public void TryDeleteFile(string file) => _inner.TryDeleteFile(file);

    public void Probe(string uid) => _inner.Probe(uid);

    private sealed class Broken(Stream inner) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => inner.Length;

        public override long Position { get => inner.Position; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => throw new IOException("Stale file handle");

        public override int Read(Span<byte> buffer) => throw new IOException("Stale file handle");

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
