using System.Runtime.InteropServices;
using System.Text;

namespace AiDc.Agent.Programs;

/// <summary>A program could not be started at all.</summary>
internal sealed class ProgramStartException(string message, int exitCode) : Exception(message)
{
    /// <summary>As a shell would say it: 127 not found, 126 not to be executed.</summary>
    public int ExitCode { get; } = exitCode;
}

/// <summary>A program that was started, leader of a process group of its own.</summary>
/// <param name="Output">The end of its standard output's pipe to read from.</param>
/// <param name="Error">The same of its standard error.</param>
internal sealed record StartedProgram(int Pid, int Output, int Error);

/// <summary>Starts programs in groups of their own, so that whatever they fork is ended with them, and with signals as they are by default.</summary>
internal static unsafe class ProgramStart
{
    /// <param name="command">The program, looked for on the PATH, and its arguments.</param>
    /// <exception cref="ProgramStartException">It is not there, or cannot be executed.</exception>
    public static StartedProgram Start(IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment)
    {
        var (output, error) = (Pipe(), Pipe());
        var arguments = Strings(command);
        var variables = Strings([.. environment.Select(v => $"{v.Key}={v.Value}")]);
        var actions = stackalloc byte[Native.FileActions];
        var attributes = stackalloc byte[Native.SpawnAttributes];
        _ = Native.InitFileActions(actions);
        _ = Native.InitAttributes(attributes);
        try
        {
            _ = Native.AddDuplicate(actions, output.Write, 1);
            _ = Native.AddDuplicate(actions, error.Write, 2);
            Describe(attributes);
            var result = Native.Spawn(out var pid, arguments[0], actions, attributes, arguments, variables);
            if (result == 0)
                return new(pid, output.Read, error.Read);
            _ = Native.Close(output.Read);
            _ = Native.Close(error.Read);
            throw NotStarted(command[0], result);
        }
        finally
        {
            _ = Native.DestroyFileActions(actions);
            _ = Native.DestroyAttributes(attributes);
            _ = Native.Close(output.Write);
            _ = Native.Close(error.Write);
            Free(arguments);
            Free(variables);
        }
    }

    /// <summary>.NET ignores SIGPIPE and has handlers of its own: the program is to have neither.</summary>
    private static void Describe(byte* attributes)
    {
        var set = stackalloc byte[Native.SignalSet];
        _ = Native.SetFlags(attributes, Native.SpawnSetGroup | Native.SpawnSetSignalDefaults | Native.SpawnSetSignalMask);
        _ = Native.SetGroup(attributes, 0);
        _ = Native.EmptySet(set);
        _ = Native.SetSignalMask(attributes, set);
        _ = Native.FillSet(set);
        _ = Native.SetSignalDefaults(attributes, set);
    }

    private static ProgramStartException NotStarted(string program, int error) => error switch
    {
        Native.ErrNoEntry => new($"{program}: there is no such program in this image; correct the command", 127),
        Native.ErrAccess => new($"{program}: it may not be executed by this user; correct its mode, or run it by an interpreter", 126),
        _ => new($"{program}: it could not be started ({Marshal.GetPInvokeErrorMessage(error)})", 126),
    };

    private static (int Read, int Write) Pipe()
    {
        var ends = stackalloc int[2];
        return Native.Pipe(ends, Native.CloseOnExec) == 0
            ? (ends[0], ends[1])
            : throw new ProgramStartException($"no pipe could be made ({Marshal.GetLastPInvokeErrorMessage()})", 126);
    }

    private static byte** Strings(IReadOnlyList<string> texts)
    {
        var list = (byte**)NativeMemory.AllocZeroed((nuint)texts.Count + 1, (nuint)sizeof(byte*));
        for (var i = 0; i < texts.Count; i++)
        {
            var bytes = Encoding.UTF8.GetByteCount(texts[i]);
            list[i] = (byte*)NativeMemory.AllocZeroed((nuint)bytes + 1);
            Encoding.UTF8.GetBytes(texts[i], new Span<byte>(list[i], bytes));
        }

        return list;
    }

    private static void Free(byte** list)
    {
        for (var text = list; *text is not null; text++)
            NativeMemory.Free(*text);
        NativeMemory.Free(list);
    }
}
