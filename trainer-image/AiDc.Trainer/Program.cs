using AiDc.Trainer;

return ExitCodes.Success;
